/** The requests that we make ourselves, in the words of CGI (spec 2.6). */

import type { RequestType } from '../scaling/dispatch.ts';
import { schemeKey } from './environment.ts';
import type { InternalRequest } from './front.ts';
import { fakeAdminKey, fakeLoginKey } from './request-headers.ts';

interface Shape {
  readonly type: RequestType;
  readonly path: string;
  readonly fakeLogin: boolean;
  /** Goes to the balanced port instead of the instance's own. */
  readonly balanced?: true;
}

const shapes: Readonly<Record<InternalRequest['kind'], Shape>> = {
  warmup: { type: 'ready', path: '/_ah/warmup', fakeLogin: true, balanced: true },
  start: { type: 'ready', path: '/_ah/start', fakeLogin: true },
  stop: { type: 'shutdown', path: '/_ah/stop', fakeLogin: true },
  background: { type: 'background', path: '/_ah/background', fakeLogin: false },
};

export function shapeOf(request: InternalRequest): Shape {
  return shapes[request.kind];
}

/** No client has this address: it is how a handler knows us (spec 2.6). */
const ourAddress = '0.1.0.3';

/** Everything that such a request is made of; what the service adds to any request comes on top. */
export function internalEnvironment(
  request: InternalRequest,
  host: string,
  port: number,
): Map<string, string> {
  const { path, fakeLogin } = shapeOf(request);
  return new Map([
    [fakeAdminKey, '1'],
    ...(fakeLogin ? [[fakeLoginKey, '1'] as const] : []),
    ['CONTENT_LENGTH', '0'],
    ['PATH_INFO', path],
    ['QUERY_STRING', ''],
    ['REQUEST_METHOD', 'GET'],
    ['REMOTE_ADDR', ourAddress],
    ['SERVER_NAME', host],
    ['SERVER_PORT', String(port)],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    [schemeKey, 'http'],
    ...(request.kind === 'background' ? [['HTTP_X_APPENGINE_BACKGROUNDREQUEST', request.id] as const] : []),
    ['HTTP_HOST', hostOf(host, port)],
  ]);
}

/** The port is told unless it goes without saying; then only does an IPv6 address need brackets. */
function hostOf(host: string, port: number): string {
  if (port === 80) return host;
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}
