/**
 * The clients that wrk has no equal for: `client KIND PORT COUNT`. Each is a plain socket that knows what it will be
 * answered. Prints one JSON array of milliseconds.
 */

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const [kind = '', port = '0', count = '0'] = process.argv.slice(2);

async function open(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

const host = `Host: 127.0.0.1:${port}\r\n`;

/** A request every half a millisecond, whether or not the ones before are answered, over connections that stay. */
async function latency(): Promise<readonly number[]> {
  const perMillisecond = 2;
  const sockets = await Promise.all(Array.from({ length: 32 }, open));
  const idle = [...sockets];
  const took: number[] = [];
  const wanted = Number(count);
  const done = Promise.withResolvers<void>();
  const get = (): void => {
    const socket = idle.shift();
    if (socket === undefined) throw new Error('All 32 connections wait for an answer.');
    const sent = performance.now();
    let seen = 0;
    let whole = Number.POSITIVE_INFINITY;
    const read = (bytes: Buffer): void => {
      if (seen === 0) {
        const head = bytes.toString('latin1');
        const length = /^content-length:\s*(\d+)/imu.exec(head)?.[1];
        if (!head.startsWith('HTTP/1.1 200') || length === undefined) throw new Error(head);
        whole = head.indexOf('\r\n\r\n') + 4 + Number(length);
      }
      seen += bytes.length;
      if (seen < whole) return;
      took.push(performance.now() - sent);
      socket.off('data', read);
      idle.push(socket);
      if (took.length === wanted) done.resolve();
    };
    socket.on('data', read);
    socket.write(`GET /1k HTTP/1.1\r\n${host}\r\n`);
  };
  const begun = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(wanted, Math.floor((performance.now() - begun) * perMillisecond));
    // What a late timer has missed is not sent at once: that would be another rate.
    for (sent = Math.max(sent, due - perMillisecond); sent < due; sent += 1) if (idle.length > 0) get();
    if (due >= wanted && idle.length === sockets.length) done.resolve();
  }, 1);
  await done.promise;
  clearInterval(timer);
  for (const socket of sockets) socket.destroy();
  return took;
}

/**
 * From a client's connecting to its first event. A request before it has left the proxy a connection to the origin,
 * for whoever keeps such.
 */
async function events(): Promise<readonly number[]> {
  const took: number[] = [];
  for (let round = 0; round < Number(count); round += 1) {
    const before = await open();
    before.write(`GET /1k HTTP/1.1\r\n${host}\r\n`);
    await until(before, (text) => /\r\n\r\nx{1024}$/u.test(text));
    const sent = performance.now();
    const socket = await open();
    socket.write(`GET /events HTTP/1.1\r\n${host}Accept: text/event-stream\r\n\r\n`);
    await until(socket, (text) => text.includes('data: {"first":true}\n\n'));
    took.push(performance.now() - sent);
    socket.destroy();
    before.destroy();
  }
  return took;
}

/** One echo after the other over one WebSocket. */
async function echoes(): Promise<readonly number[]> {
  const socket = await open();
  socket.write(
    `GET /socket HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await until(socket, (text) => text.startsWith('HTTP/1.1 101') && text.endsWith('\r\n\r\n'));
  const text = Buffer.from('thirty-two bytes that come back.');
  // The mask is four zeros, which is a mask.
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
  const took: number[] = [];
  for (let round = 0; round < Number(count); round += 1) {
    const sent = performance.now();
    socket.write(frame);
    await until(socket, (seen) => seen.length >= text.length + 2);
    took.push(performance.now() - sent);
  }
  socket.destroy();
  return took;
}

/** Resolves when all that has come since satisfies. */
function until(socket: Socket, satisfies: (text: string) => boolean): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    const left = (): void => reject(new Error(`The connection ended after ${JSON.stringify(text)}.`));
    const read = (bytes: Buffer): void => {
      text += bytes.toString('latin1');
      if (!satisfies(text)) return;
      socket.off('data', read).off('close', left);
      resolve();
    };
    socket.on('data', read).once('close', left);
  });
}

async function main(): Promise<void> {
  const kinds: Readonly<Record<string, () => Promise<readonly number[]>>> = { latency, events, echoes };
  const took = await kinds[kind]?.();
  if (took === undefined) throw new Error(`There is no client "${kind}".`);
  console.log(JSON.stringify(took));
}

void main();
