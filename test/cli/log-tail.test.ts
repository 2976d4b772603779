/** A log as one answer that does not end, to a reader of whatever speed. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import { streamLog } from '../../src/host/log-tail.ts';
import type { LogPiece } from '../../src/protocol/api.ts';

const mebibyte = 1024 ** 2;

it(
  'a tail that is waited for often leaves nothing behind on its answer',
  { timeout: 30_000 },
  async (test) => {
    const pieces = 40;
    const readLog = ({ offset }: { readonly offset: number }): Promise<LogPiece> => {
      const from = Math.max(0, offset);
      const isOver = from >= pieces * mebibyte;
      const to = isOver || offset < 0 ? from : from + mebibyte;
      return Promise.resolve({ text: 'x'.repeat(to - from), from, to, size: pieces * mebibyte });
    };
    const over = new AbortController();
    let answer: ServerResponse | undefined;
    const server = createServer((_request, response) => {
      answer = response;
      void streamLog({ readLog }, { whose: {}, begun: true }, response, over.signal);
    }).listen(0, '127.0.0.1');
    test.after(() => server.close());
    test.after(() => over.abort());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const reader = request({ host: '127.0.0.1', port, agent: false }).end();
    test.after(() => reader.destroy());
    const [incoming] = await once(reader, 'response');
    assert.ok(answer !== undefined);
    const before = answer.listenerCount('close');
    let read = 0;
    for await (const part of incoming) {
      read += part.length;
      if (read >= pieces * mebibyte) break;
    }
    assert.equal(read, pieces * mebibyte);
    assert.ok(answer.listenerCount('close') <= before, `${answer.listenerCount('close')} listeners`);
  },
);
