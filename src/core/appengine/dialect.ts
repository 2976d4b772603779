/** The names of internal headers: one set for each of the two generations of runtimes (spec 2.3, A and B). */

import type { AppEngineSpec } from '../../config/spec.ts';

export interface Dialect {
  readonly requestId: string;
  readonly userId: string;
  readonly userEmail: string;
  readonly userIsAdmin: string;
  readonly userNickname: string;
  readonly userOrganization: string;
  /** Only the older one tells that the client spoke TLS. */
  readonly localSsl?: string;
  readonly script: string;
  readonly requestType: string;
  /** Of what a child answers with when it failed. */
  readonly errorCode: string;
  /** Before the name of a value of the environment. */
  readonly prefix: string;
  readonly propagated: readonly string[];
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
    requestId: 'X-Appengine-Dev-Request-Id',
    userId: 'X-Appengine-User-Id',
    userEmail: 'X-Appengine-User-Email',
    userIsAdmin: 'X-Appengine-User-Is-Admin',
    userNickname: 'X-Appengine-User-Nickname',
    userOrganization: 'X-Appengine-User-Organization',
    localSsl: 'X-Appengine-Dev-LocalSSL',
    script: 'X-APPENGINE-DEV-SCRIPT',
    requestType: 'X-APPENGINE-DEV-REQUEST-TYPE',
    errorCode: 'X-Appengine-Error-Code',
    prefix: 'X-APPENGINE-',
    propagated: [
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
    ],
  },
  internal: {
    requestId: 'X-Appengine-Internal-Request-Id',
    userId: 'X-Appengine-Internal-User-Id',
    userEmail: 'X-Appengine-Internal-User-Email',
    userIsAdmin: 'X-Appengine-Internal-User-Is-Admin',
    userNickname: 'X-Appengine-Internal-User-Nickname',
    userOrganization: 'X-Appengine-Internal-User-Organization',
    script: 'X-APPENGINE-INTERNAL-SCRIPT',
    requestType: 'X-APPENGINE-INTERNAL-REQUEST-TYPE',
    errorCode: 'X-Appengine-Internal-Error-Code',
    prefix: 'X-APPENGINE-INTERNAL-',
    propagated: always,
  },
};

/** The environment's key of a header. */
export function keyOfHeader(name: string): string {
  return `HTTP_${name.toUpperCase().replaceAll('-', '_')}`;
}
