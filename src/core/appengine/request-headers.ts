/**
 * The head of a request as the child gets it: what is taken from the client's, and what is added (spec 2.2, 2.3).
 *
 * The attack: a client sends `X-Appengine-User-Is-Admin: 1`, or the request type, or an e-mail, and the child takes it
 * for the front layer's word. The reference strips some of these in one of its generations only; here every name that
 * is ours to set, in either dialect, is taken from what comes in through a door. Requests of our own go through
 * unstripped, and what they bring under an internal name stands (HP-9). Other `X-AppEngine-` names, such as those by
 * which people play a cron job or a task queue, stay.
 */

import type { RequestType } from '../scaling/dispatch.ts';
import type { Headers, SentHead } from '../outside.ts';
import { type Dialect, dialects, type Named, named } from './dialect.ts';
import { type Environment, headerNameOf, schemeKey } from './environment.ts';
import type { User } from './login.ts';
import { targetOf } from './path.ts';

/** The marks of our own requests (spec 2.6). */
export const fakeAdminKey = 'HTTP_X_APPENGINE_FAKE_IS_ADMIN';
export const fakeLoginKey = 'HTTP_X_APPENGINE_FAKE_LOGGED_IN';

/**
 * Never goes to a child (spec 2.2). Beyond the reference's list: an `Upgrade` without the `Connection` that belongs to
 * it, which a gullible server takes for an invitation to leave HTTP.
 */
const dropped: ReadonlySet<string> = new Set(
  [
    'accept-encoding connection keep-alive proxy-authorization te trailer transfer-encoding',
    'x-appengine-fake-is-admin x-appengine-fake-logged-in upgrade http2-settings proxy-connection',
  ].flatMap((line) => line.split(' ').map((name) => named(name).key)),
);

const country = named('X-AppEngine-Country');

/** All that is ours to say, in any dialect. */
const ours: ReadonlySet<string> = new Set(
  [
    ...Object.values(dialects).flatMap((dialect) => [
      ...[dialect.requestId, dialect.userId, dialect.userEmail, dialect.userIsAdmin, dialect.userNickname],
      ...[dialect.userOrganization, dialect.script, dialect.requestType],
      ...dialect.propagated.map(({ to }) => to),
    ]),
    country,
    named('X-AppEngine-BackgroundRequest'),
  ]
    .map(({ key }) => key)
    .concat(fakeAdminKey, fakeLoginKey),
);
const ourPrefixes = ['HTTP_X_APPENGINE_DEV_', 'HTTP_X_APPENGINE_INTERNAL_'] as const;

/** Takes out of a client's request what only the front layer may say (HP-12). */
export function stripInternal(environment: Map<string, string>): void {
  for (const key of environment.keys()) {
    if (!key.startsWith('HTTP_X_APPENGINE_')) continue;
    if (ours.has(key) || ourPrefixes.some((prefix) => key.startsWith(prefix))) environment.delete(key);
  }
}

export interface Sending {
  readonly requestId: string;
  readonly user: User | undefined;
  readonly type: RequestType;
  /** Of the handler, expanded; undefined: it has none. */
  readonly script?: string | undefined;
  readonly dialect: Dialect;
}

/** What is sent to the child. The framing of the body, and with it `Content-Length`, is the data plane's. */
export function sentHead(environment: Environment, sending: Sending): SentHead {
  return {
    method: environment.get('REQUEST_METHOD') ?? 'GET',
    target: targetOf({
      path: environment.get('PATH_INFO') ?? '/',
      query: environment.get('QUERY_STRING') ?? '',
    }),
    headers: headersOf(environment, sending),
  };
}

function headersOf(environment: Environment, { requestId, user, type, script, dialect }: Sending): Headers {
  // By their keys, so that what is set takes the place of what came, however that was spelled.
  const headers = new Map<string, readonly [string, string]>();
  const set = ({ name, key }: Named, value: string) => headers.set(key, [name, value]);
  for (const [key, value] of environment) {
    const name = dropped.has(key) ? undefined : headerNameOf(key);
    if (name !== undefined) headers.set(key, [name, value]);
  }
  for (const { from, to } of dialect.propagated) {
    const value = environment.get(from);
    if (value !== undefined && !headers.has(to.key)) set(to, value);
  }
  set(dialect.requestId, requestId);
  set(country, 'ZZ');
  if (dialect.localSsl !== undefined && environment.get(schemeKey) === 'https') set(dialect.localSsl, '1');
  set(dialect.userId, user?.id ?? '');
  set(dialect.userEmail, user?.email ?? '');
  set(dialect.userIsAdmin, user?.admin === true ? '1' : '0');
  set(dialect.userNickname, user?.nickname ?? '');
  set(dialect.userOrganization, user?.organization ?? '');
  if (script !== undefined) set(dialect.script, script);
  if (type !== 'normal' && type !== 'ready') set(dialect.requestType, type);
  return [...headers.values()];
}
