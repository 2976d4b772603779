/**
 * The page on which a person says who to be (`/_ah/login`), and what comes of it.
 *
 * All of it is asked by GET, as test programs for App Engine do: `?email=…&admin=True&action=Login&continue=…`.
 *
 * Two attacks. A link to our login page that leads on to somewhere else lends our address to a page that looks like
 * ours: so `continue` never leaves the origin that was asked. And a page elsewhere that shows an image of
 * `/_ah/login?action=Login&admin=True` would change who its reader is here: browsers mark requests that another site
 * has caused, and those change nothing.
 */

import type { Answer, Headers } from '../outside.ts';
import { type Html, markup } from '../proxy/html.ts';
import { style, styleHash } from '../proxy/page-style.ts';
import { encodedQuery } from './path.ts';
import type { Environment } from './environment.ts';
import { htmlAnswer, redirect } from './front-answers.ts';
import { cookieValue, loginCookie, type User } from './login.ts';

/** The page's own path. */
const loginPath = '/_ah/login';

/** Where somebody is sent who has to log in first; `url` is where to come back to. */
export function loginUrl(origin: string, url: string): string {
  return `${origin}${loginPath}?continue=${encodeURIComponent(url)}`;
}

/** `origin`: under which the request came, such as `http://localhost:8080`. */
export function loginAnswer(environment: Environment, origin: string, user: User | undefined): Answer {
  const query = new URLSearchParams(environment.get('QUERY_STRING') ?? '');
  const asked = query.get('continue') ?? '';
  const back = sameOrigin(asked, origin);
  const action = environment.get('HTTP_SEC_FETCH_SITE') === 'cross-site' ? '' : (query.get('action') ?? '');
  const next = back ?? origin + loginPath;
  if (action.toLowerCase() === 'logout') return withCookie(redirect(302, next), '', 'Max-Age=0; ');
  if (action.toLowerCase() !== 'login') return page(user, asked);
  const email = (query.get('email') ?? '').trim();
  if (!isEmail(email)) return page(user, asked, email);
  return withCookie(redirect(302, next), cookieValue(email, isYes(query.get('admin'))), '');
}

/** `/_ah/logout`: nobody is logged in any more. */
export function logoutAnswer(environment: Environment, origin: string): Answer {
  const query = new URLSearchParams(environment.get('QUERY_STRING') ?? '');
  const next = sameOrigin(query.get('continue') ?? '', origin) ?? origin + loginPath;
  if (environment.get('HTTP_SEC_FETCH_SITE') === 'cross-site') return redirect(302, origin + loginPath);
  return withCookie(redirect(302, next), '', 'Max-Age=0; ');
}

/**
 * An address below the origin, as a whole one; undefined: it is none. Browsers take `//host`, `/\host`, and either with
 * tabs and line ends in it, for another host, and they take whatever stands before an `@` for a user's name.
 */
export function sameOrigin(text: string, origin: string): string | undefined {
  const path = text.toLowerCase().startsWith(`${origin.toLowerCase()}/`) ? text.slice(origin.length) : text;
  if (!path.startsWith('/') || /[\\\s]|\p{Cc}/u.test(path)) return undefined;
  if (path === text && path.startsWith('//')) return undefined;
  return origin + encodedTarget(path);
}

function encodedTarget(path: string): string {
  // Outside ASCII, a character is the bytes of its UTF-8.
  return encodedQuery(path.replaceAll(/\P{ASCII}+/gu, (text) => encodeURIComponent(text.toWellFormed())));
}

/** What can be put into a cookie and a header as it is. */
function isEmail(text: string): boolean {
  return /^[!-~]+$/u.test(text) && text.includes('@') && !/[:;,"\\<>]/u.test(text);
}

function isYes(text: string | null): boolean {
  return /^(?:true|1|on|yes)$/iu.test(text ?? '');
}

function withCookie(answer: Answer, value: string, age: string): Answer {
  const quoted = value === '' ? '' : `"${value}"`;
  const headers: Headers = [
    ...answer.headers,
    ['Set-Cookie', `${loginCookie}=${quoted}; ${age}Path=/; SameSite=Lax`],
    ['Cache-Control', 'no-store'],
  ];
  return { ...answer, headers };
}

function page(user: User | undefined, next: string, refused?: string): Answer {
  const state: Html =
    user === undefined
      ? markup`Nobody is logged in.`
      : markup`You are logged in as <b>${user.email}</b>${user.admin ? ', an administrator' : ''}.`;
  const logOut =
    user === undefined ? undefined : markup` <button name="action" value="Logout">Log out</button>`;
  const email = refused ?? user?.email ?? 'test@example.com';
  const { html } = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Log in</title>
<style>${{ html: style }}</style>
</head>
<body>
<main data-mood="busy">
<header>
<h1>Log in</h1>
<p class="next">${state}</p>
</header>
<form method="get" action="${loginPath}">
<p><label for="email">E-mail</label><input id="email" name="email" type="text" inputmode="email" value="${email}" autocomplete="off" spellcheck="false" autofocus></p>
${refused === undefined ? undefined : markup`<p class="refused" role="alert">This address cannot be used here. It needs an @ and may hold neither spaces nor any of : ; , " \\ &lt; &gt;</p>`}
<p><label class="choice"><input name="admin" type="checkbox" value="True"${user?.admin === true ? markup` checked` : undefined}> Administrator of the application</label></p>
<input type="hidden" name="continue" value="${next}">
<p><button class="first" name="action" value="Login">Log in</button>${logOut}</p>
</form>
<footer><span>For development only: any address will do, and no password is asked for.</span><span>Local Runtimes</span></footer>
</main>
</body>
</html>
`;
  return htmlAnswer(200, html, [
    ['Cache-Control', 'no-store'],
    ['X-Frame-Options', 'DENY'],
    [
      'Content-Security-Policy',
      `default-src 'none'; style-src '${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    ],
  ]);
}
