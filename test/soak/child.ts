/**
 * An instance that puts down which requests reached it: `child.ts FOLDER`, on `PORT`.
 *
 * What is written to the file stands there whatever happens to the process afterwards; it is written before anything is
 * answered. A request bears its number in its path; the answer bears it in a header and at both ends of its body.
 */

import { openSync, writeSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { bodyOf, holds, paceOf } from './bodies.ts';

const file = openSync(join(process.argv[2] ?? '.', `${process.pid}.ids`), 'a');
const four = Buffer.alloc(4);

function serve(socket: Socket): void {
  let held: Buffer = Buffer.alloc(0);
  let asked: { readonly id: number; readonly length: number } | undefined;
  const take = (bytes: Buffer): void => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    for (;;) {
      if (asked === undefined) {
        const end = held.indexOf('\r\n\r\n', 0, 'latin1');
        if (end < 0) return;
        const head = held.toString('latin1', 0, end + 2);
        held = held.subarray(end + 4);
        const id = Number(/^\w+ \/(\d+)/u.exec(head)?.[1]);
        asked = { id, length: Number(/^content-length:\s*(\d+)/imu.exec(head)?.[1] ?? 0) };
        four.writeUInt32LE(id);
        writeSync(file, four);
      }
      const { id, length } = asked;
      if (held.length < length) return;
      const isWhole = length === 0 || holds(held.subarray(0, length), id);
      held = held.subarray(length);
      asked = undefined;
      const body = isWhole
        ? bodyOf(id)
        : Buffer.from('This body is not the one that belongs to the request.');
      const head = [
        `HTTP/1.1 ${isWhole ? '200 OK' : '400 Bad Request'}`,
        `X-Soak: ${id}`,
        `X-Soak-Pid: ${process.pid}`,
        `Content-Length: ${body.length}`,
      ];
      const answer = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
      const pace = paceOf(id);
      const atOnce = pace === 'slow-to-begin' ? 0 : answer.length - (pace === 'slow-to-end' ? 100 : 0);
      if (atOnce > 0) socket.write(answer.subarray(0, atOnce));
      if (atOnce < answer.length) setTimeout(() => socket.write(answer.subarray(atOnce)), 30);
    }
  };
  socket.setNoDelay(true);
  socket.on('data', take);
  socket.on('error', () => socket.destroy());
}

createServer(serve).listen(Number(process.env['PORT']), '127.0.0.1');
