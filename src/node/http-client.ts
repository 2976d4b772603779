/** Requests of our own to children, each on a connection of its own. */

import { request as ask } from 'node:http';
import type { HttpClient, Received, UpstreamFailure } from '../core/outside.ts';
import { failureOf } from './http/failure.ts';
import { flat, pairs } from './http/head.ts';
import { lookupLoopback } from './loopback.ts';

type Outcome = Received | UpstreamFailure;

export const httpClient: HttpClient = {
  send: ({ host, port, head, body, timeoutMs, limit }) =>
    new Promise<Outcome>((resolve) => {
      const { method, target, headers } = head;
      const length: [string, string][] = body === undefined ? [] : [['Content-Length', String(body.length)]];
      const outgoing = ask({
        host,
        port,
        method,
        path: target,
        headers: flat([...headers, ...length, ['Connection', 'close']]),
        agent: false,
        lookup: lookupLoopback,
      });
      const timer =
        timeoutMs === 0
          ? undefined
          : setTimeout(() => {
              settle({ kind: 'timed-out', reason: `nothing came within ${timeoutMs} ms` });
              outgoing.destroy();
            }, timeoutMs);
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer);
        resolve(outcome);
      };
      outgoing.once('error', (error) => settle(failureOf(error, false)));
      outgoing.once('response', (incoming) => {
        const kept: Buffer[] = [];
        let length = 0;
        incoming.on('data', (chunk: Buffer) => {
          const room = Math.max(0, limit - length);
          if (room > 0) kept.push(chunk.subarray(0, room));
          length += chunk.length;
        });
        // Its 'close' follows and tells whether the body was whole.
        incoming.on('error', () => outgoing.destroy());
        incoming.once('close', () =>
          settle({
            status: incoming.statusCode ?? 0,
            reason: incoming.statusMessage ?? '',
            headers: pairs(incoming.rawHeaders),
            body: Buffer.concat(kept),
            length,
            broken: !incoming.complete,
          }),
        );
      });
      outgoing.end(body);
    }),
};
