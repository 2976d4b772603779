/** Between Node's raw header lists and the heads that the core decides on. Order, case and repetition are kept. */

import type { IncomingMessage } from 'node:http';
import type { Headers, RequestHead } from '../../core/outside.ts';

/** Node gives and takes raw headers as one flat list of names and values. */
export function pairs(raw: readonly string[]): [name: string, value: string][] {
  const result: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    result.push([raw[index] ?? '', raw[index + 1] ?? '']);
  }
  return result;
}

export function flat(headers: Headers): string[] {
  return headers.flat();
}

export function headOf(request: IncomingMessage, upgrade: boolean): RequestHead {
  return {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    version: request.httpVersion,
    headers: pairs(request.rawHeaders),
    remote: request.socket.remoteAddress ?? '',
    upgrade,
  };
}

/** A host and port as they stand in a `Host` header. */
export function authorityOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
