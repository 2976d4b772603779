/** Writes answers to a bare socket, where Node's `ServerResponse` has no say: refused heads and upgrades. */

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Answer, Headers } from '../../core/outside.ts';

/** A response's head as it goes over the wire. */
export function headText(status: number, reason: string | undefined, headers: Headers): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `HTTP/1.1 ${status} ${reason ?? STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`,
    'latin1',
  );
}

/** Answers and closes. */
export function sendRaw(socket: Duplex, answer: Answer, lingerMs: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = Buffer.from(answer.body);
  const framed: Headers = [
    ...answer.headers.filter(([name]) => !/^(?:content-length|connection)$/iu.test(name)),
    ['Content-Length', String(body.length)],
    ['Date', new Date().toUTCString()],
    ['Connection', 'close'],
  ];
  socket.write(headText(answer.status, undefined, framed));
  socket.end(body);
  linger(socket, lingerMs);
}

/**
 * Closes gently: takes in what the other side still sends, until it has seen our end or the time is up.
 *
 * A socket that is closed while bytes lie unread makes the kernel send a reset, and a reset may overtake our answer
 * and wipe it out before the client has read it.
 */
function linger(socket: Duplex, ms: number): void {
  const timer = setTimeout(() => socket.destroy(), ms);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  socket.resume();
}
