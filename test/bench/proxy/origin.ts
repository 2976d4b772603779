/**
 * What the uploads, event streams, WebSockets and small answers come from: as little as Node can do over a plain
 * socket. `origin.ts PORT`. Believes its clients: it reads heads by their end and bodies by `Content-Length` or until
 * the last chunk's end.
 */

import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';

const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const small = ok('x'.repeat(1024));
const stream =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n';
const event = 'data: {"first":true}\n\n';
const chunk = `${event.length.toString(16)}\r\n${event}\r\n`;
const uuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function serve(socket: Socket): void {
  let head = '';
  let left = 0;
  let chunkedEnd = false;
  let tail = '';
  let echoes = false;
  const answer = (text: string): void => void socket.write(text, 'latin1');
  const begin = (text: string): void => {
    if (text.startsWith('GET /events')) {
      answer(stream + chunk);
      // Soon after, so that the connection can be used again.
      setTimeout(() => answer('0\r\n\r\n'), 1);
    } else if (/^upgrade:\s*websocket/imu.test(text)) {
      const key = /^sec-websocket-key:\s*(\S+)/imu.exec(text)?.[1] ?? '';
      const accept = createHash('sha1')
        .update(key + uuid)
        .digest('base64');
      answer(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      echoes = true;
    } else {
      answer(small);
    }
  };
  const take = (bytes: Buffer): void => {
    if (echoes) {
      // A masked text of less than 126 bytes goes back without its mask.
      const length = (bytes[1] ?? 0) & 0x7f;
      const frame = Buffer.alloc(2 + length);
      frame[0] = 0x81;
      frame[1] = length;
      for (let at = 0; at < length; at += 1)
        frame[2 + at] = (bytes[6 + at] ?? 0) ^ (bytes[2 + (at % 4)] ?? 0);
      socket.write(frame);
      return;
    }
    let rest = bytes;
    while (rest.length > 0) {
      if (left > 0) {
        const used = Math.min(left, rest.length);
        left -= used;
        rest = rest.subarray(used);
        if (left === 0) answer(ok('read'));
        continue;
      }
      if (chunkedEnd) {
        // The last chunk may come in pieces.
        tail = (tail + rest.toString('latin1', Math.max(0, rest.length - 5))).slice(-5);
        if (tail !== '0\r\n\r\n') return;
        chunkedEnd = false;
        tail = '';
        answer(ok('read'));
        return;
      }
      head += rest.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const text = head.slice(0, end + 2);
      rest = Buffer.from(head.slice(end + 4), 'latin1');
      head = '';
      const length = Number(/^content-length:\s*(\d+)/imu.exec(text)?.[1] ?? 0);
      if (length > 0) left = length;
      else if (/^transfer-encoding:\s*chunked/imu.test(text)) chunkedEnd = true;
      else begin(text);
    }
  };
  socket.setNoDelay(true);
  socket.on('data', take);
  socket.on('error', () => socket.destroy());
}

const server = createServer(serve);
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(`listening ${process.argv[2]}`));
