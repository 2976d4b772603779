/** Who may call an XML-RPC server: passwords, and pages in a browser that must not. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ControlServerSpec } from '../config/spec.ts';
import { isHostAllowed } from '../core/proxy/host.ts';

/** The status to refuse a request with; undefined when it may pass. */
export function refusal(spec: ControlServerSpec, headers: IncomingHttpHeaders): 401 | 403 | undefined {
  if (spec.at.kind === 'inet' && !isHostAllowed(headers.host, '127.0.0.1')) return 403;
  if (isFromPage(headers)) return 403;
  return isAuthorised(spec, headers.authorization) ? undefined : 401;
}

/**
 * Whether a page in a browser sends it.
 *
 * The attack: while this server listens on 127.0.0.1:9001, a person opens `http://evil.example`. Its script posts a call
 * of `supervisor.startProcess` there as `text/plain`, which browsers send to any address without asking first; that the
 * page may not read the answer is no comfort, since the program has been started by then. A browser says so, though: a
 * page cannot keep it from sending `Origin` with a POST, nor from telling in `Sec-Fetch-Site` that a request comes from
 * elsewhere. We have no pages of our own, so whatever carries an `Origin` comes from somebody else's. Supervisor's
 * tools send neither.
 */
function isFromPage(headers: IncomingHttpHeaders): boolean {
  if (headers.origin !== undefined) return true;
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'none';
}

/** Name and password are compared whole and in constant time, so that an answer's delay tells nothing of either. */
function isAuthorised(spec: ControlServerSpec, authorisation: string | undefined): boolean {
  if (spec.username === undefined || spec.username === '') return true;
  const encoded = /^basic\s+(\S+)$/i.exec(authorisation ?? '')?.[1] ?? '';
  const [, name = '', password = ''] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  const stored = spec.password ?? '';
  const hashed = stored.startsWith('{SHA}');
  const given = hashed ? createHash('sha1').update(password).digest('hex') : password;
  const wanted = hashed ? stored.slice('{SHA}'.length) : stored;
  const isName = areEqual(name, spec.username);
  const isPassword = areEqual(given, wanted);
  return encoded !== '' && isName && isPassword;
}

function areEqual(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
