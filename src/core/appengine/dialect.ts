/** The names of internal headers: one set for each of the two generations of runtimes (spec 2.3, A and B). */

import type { AppEngineSpec } from '../../config/spec.ts';

/** A header by its name, and by the environment's key of it. */
export interface Named {
  readonly name: string;
  readonly key: string;
}

export function named(name: string): Named {
  return { name, key: `HTTP_${name.toUpperCase().replaceAll('-', '_')}` };
}

export interface Dialect {
  readonly requestId: Named;
  readonly userId: Named;
  readonly userEmail: Named;
  readonly userIsAdmin: Named;
  readonly userNickname: Named;
  readonly userOrganization: Named;
  /** Only the older one tells that the client spoke TLS. */
  readonly localSsl?: Named;
  readonly script: Named;
  readonly requestType: Named;
  /** Of what a child answers with when it failed; in small letters. */
  readonly errorCode: string;
  /** Which values of the environment become headers, and which. */
  readonly propagated: readonly { readonly from: string; readonly to: Named }[];
}

/** The user's values are among them too, but whatever their header says is overwritten by the login. */
const always: readonly string[] = [
  'BACKEND_ID',
  'DEFAULT_VERSION_HOSTNAME',
  'USER_ID',
  'USER_IS_ADMIN',
  'USER_EMAIL',
  'USER_NICKNAME',
  'USER_ORGANIZATION',
  'REMOTE_ADDR',
  'REQUEST_ID_HASH',
  'REQUEST_LOG_ID',
  'SERVER_NAME',
  'SERVER_PORT',
  'SERVER_PROTOCOL',
];

export const dialects: Readonly<Record<AppEngineSpec['dialect'], Dialect>> = {
  dev: {
    requestId: named('X-Appengine-Dev-Request-Id'),
    userId: named('X-Appengine-User-Id'),
    userEmail: named('X-Appengine-User-Email'),
    userIsAdmin: named('X-Appengine-User-Is-Admin'),
    userNickname: named('X-Appengine-User-Nickname'),
    userOrganization: named('X-Appengine-User-Organization'),
    localSsl: named('X-Appengine-Dev-LocalSSL'),
    script: named('X-APPENGINE-DEV-SCRIPT'),
    requestType: named('X-APPENGINE-DEV-REQUEST-TYPE'),
    errorCode: 'x-appengine-error-code',
    propagated: propagated('X-APPENGINE-', [
      ...always,
      'API_HOST',
      'API_PORT',
      'GAE_LONG_APP_ID',
      'GAE_PARTITION',
      'GAE_MODULE_NAME',
      'GAE_MODULE_VERSION',
      'GAE_MINOR_VERSION',
      'GAE_SERVER_PORT',
      'MODULE_YAML_PATH',
      'SERVER_SOFTWARE',
    ]),
  },
  internal: {
    requestId: named('X-Appengine-Internal-Request-Id'),
    userId: named('X-Appengine-Internal-User-Id'),
    userEmail: named('X-Appengine-Internal-User-Email'),
    userIsAdmin: named('X-Appengine-Internal-User-Is-Admin'),
    userNickname: named('X-Appengine-Internal-User-Nickname'),
    userOrganization: named('X-Appengine-Internal-User-Organization'),
    script: named('X-APPENGINE-INTERNAL-SCRIPT'),
    requestType: named('X-APPENGINE-INTERNAL-REQUEST-TYPE'),
    errorCode: 'x-appengine-internal-error-code',
    propagated: propagated('X-APPENGINE-INTERNAL-', always),
  },
};

function propagated(prefix: string, names: readonly string[]): Dialect['propagated'] {
  return names.map((from) => ({ from, to: named(prefix + from.replaceAll('_', '-')) }));
}
