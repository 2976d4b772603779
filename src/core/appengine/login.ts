/**
 * Who a request says it is from, and whether that is enough for a handler (spec 2.7).
 *
 * Everybody can be anybody here: the cookie is what a person has typed on the login page. What the page looks like is
 * told in `login-page.ts`.
 */

import { md5 } from '../../base/md5.ts';
import type { HandlerSpec } from '../../config/spec.ts';

export const loginCookie = 'dev_appserver_login';

export interface User {
  readonly email: string;
  readonly admin: boolean;
  readonly id: string;
  /** Before the first `@`. */
  readonly nickname: string;
  /** After it. */
  readonly organization: string;
}

/** The user of a `Cookie` header; undefined: nobody is logged in. `warn` gets the reference's sentence about a bad one. */
export function userOf(cookies: string | undefined, warn: (line: string) => void): User | undefined {
  const value = cookies === undefined ? undefined : cookieIn(cookies, loginCookie);
  if (value === undefined) return undefined;
  const [email = '', admin = '', id = ''] = value.split(':');
  const at = email.indexOf('@');
  // In quotes, a cookie can hold a line end as `\012`, and what it says goes into headers.
  if (at === -1 || /[^ -~\u0080-\u00FF]/u.test(value)) {
    if (value !== '')
      warn(`Ignoring invalid login cookie: ${value.replaceAll(/[^ -~\u0080-\u00FF]/gu, '?')}`);
    return undefined;
  }
  return {
    email,
    admin: admin === 'True',
    id,
    nickname: email.slice(0, at),
    organization: email.slice(at + 1),
  };
}

/** The value of the login cookie of a user. */
export function cookieValue(email: string, admin: boolean): string {
  return `${email}:${admin ? 'True' : 'False'}:${userId(email)}`;
}

/** A `1` and 20 digits that an e-mail always has: of its MD5, each byte as a decimal number of at least two digits. */
export function userId(email: string): string {
  const digest = md5(new TextEncoder().encode(email.toLowerCase()));
  const digits = [...digest].map((byte) => String(byte).padStart(2, '0')).join('');
  return `1${digits.slice(0, 20)}`;
}

/**
 * One cookie of a `Cookie` header. A header that holds a name no cookie may have cannot be read as a whole, so that
 * nobody is logged in; pairs that are none are passed over.
 */
function cookieIn(header: string, wanted: string): string | undefined {
  let found: string | undefined;
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals === -1) continue;
    const name = pair.slice(0, equals).trim();
    if (/[\s()<>@,/?{}]|\p{Cc}/u.test(name)) return undefined;
    if (name === wanted) found = unquoted(pair.slice(equals + 1).trim());
  }
  return found;
}

/** Python's library of cookies, whose word these cookies are, puts most values in quotes, with odd characters in octal. */
function unquoted(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value
    .slice(1, -1)
    .replaceAll(
      /\\(?:([0-3][0-7]{2})|([^]))/gu,
      (_, octal: string | undefined, character: string | undefined) =>
        octal === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(octal, 8)),
    );
}

export type Permission =
  | { readonly kind: 'granted' }
  /** To the login page. */
  | { readonly kind: 'login' }
  /** 401 with this body. */
  | { readonly kind: 'unauthorized'; readonly body: string };

/** The marks of requests of our own. A client's are taken away before. */
export interface Fake {
  readonly login: boolean;
  readonly admin: boolean;
}

const granted: Permission = { kind: 'granted' };

/** Whether a handler is for this user. */
export function permission(
  handler: Pick<HandlerSpec, 'login' | 'onAuthFail'>,
  user: Pick<User, 'email' | 'admin'> | undefined,
  fake: Fake,
): Permission {
  if (handler.login === 'optional') return granted;
  const email = fake.login ? 'Fake User' : user?.email;
  // That it is for an administrator counts with `admin` only: `required` wants somebody by name.
  const admin = fake.admin || user?.admin === true;
  if (email === undefined && !(handler.login === 'admin' && fake.admin)) {
    return handler.onAuthFail === 'unauthorized'
      ? { kind: 'unauthorized', body: 'Login required to view page.' }
      : { kind: 'login' };
  }
  if (handler.login === 'admin' && !admin) {
    return {
      kind: 'unauthorized',
      body: `Current logged in user ${email ?? ''} is not authorized to view this page.`,
    };
  }
  return granted;
}
