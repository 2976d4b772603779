/** Host names: taking a `Host` header apart, and the guards against DNS rebinding and pages of other hosts. */

import type { RequestHead } from '../outside.ts';

/** The name in a `Host` header: without port, brackets and a last dot, in lower case. */
export function hostName(host: string): string {
  const text = host.trim().toLowerCase();
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/u.exec(text);
  if (bracketed !== null) return bracketed[1] ?? '';
  return text.replace(/:\d*$/u, '').replace(/\.$/u, '');
}

/** Whether a name or address can only mean this machine. */
function isLoopback(name: string): boolean {
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/u.test(name)
  );
}

/**
 * Whether a door may serve a request that came for this host.
 *
 * The attack: a page at `http://evil.example:8080` is opened in the browser of a person who runs our door at
 * 127.0.0.1:8080. Its DNS entry lives for a second and then says 127.0.0.1. For the browser the page and our door
 * are now one origin, so the page's scripts may read every answer of every service: source files, the database
 * behind the API, tokens. They may set any header but one: `Host` still says `evil.example`. So a door on loopback
 * serves only names that cannot be re-pointed: loopback addresses, `localhost` and what is below it, and names a
 * person has listed. `X-Forwarded-Host` and its like are no help here: a page's scripts may set them.
 *
 * A door that listens beyond loopback was opened to others by the user's own word; by which names they will call
 * it we cannot know, so there any name is served. So it is for who forwards to loopback under a name of his own
 * (a browser-hosted editor at `code.example.com`): that name has to be listed in `extra`. Entries may be `name`,
 * `*.name` (one level) or `**.name` (any depth), as in spec 2.1.
 *
 * A request without `Host` is not from a browser; HTTP/1.0 clients send none.
 */
export function isHostAllowed(
  host: string | undefined,
  doorHost: string,
  extra: readonly string[] = [],
): boolean {
  if (host === undefined) return true;
  const listening = hostName(
    doorHost.includes(':') && !doorHost.startsWith('[') ? `[${doorHost}]` : doorHost,
  );
  if (!isLoopback(listening)) return true;
  const name = hostName(host);
  return isLoopback(name) || name === listening || isListed(name, extra);
}

/** Whether an entry of `allowedHosts` names it. */
export function isListed(name: string, entries: readonly string[]): boolean {
  return entries.some((entry) => matches(entry.toLowerCase(), name));
}

/**
 * The origin of an upgrade that a door must not grant, as the client tells it; undefined when there is none.
 *
 * The attack (cross-site WebSocket hijacking): any page of the web that a person has open may begin a WebSocket to
 * `ws://localhost:8080`. No rule of the browser holds it back as it does with `fetch`: `Host` says `localhost`, cookies
 * come along, and the page reads every word, be it of the debugger behind the dev server or of the sources that are
 * sent for hot reloading. What tells it from our own page is `Origin`, which scripts cannot set. So it has to name a
 * host that the door would serve by itself. Who sends none is no browser; and some schemes are those of programs that
 * a person has installed (editors' views, extensions, desktop programs), which no page can take on. Everything else is
 * foreign. So is `null`, by which a browser tells that it will not tell: a frame in a sandbox says so, and any page can
 * put itself into one. A page opened from a file says that or `file://`; nobody knows where such a file is from.
 *
 * A plain request across origins is the service's matter: it is the service that knows whom to let read (CORS).
 */
export function foreignOrigin(
  head: RequestHead,
  doorHost: string,
  extra: readonly string[] = [],
): string | undefined {
  if (!head.upgrade) return undefined;
  const origins = head.headers.filter(([name]) => name.toLowerCase() === 'origin').map(([, value]) => value);
  return origins.find((origin) => !isOurs(origin, doorHost, extra));
}

function isOurs(origin: string, doorHost: string, extra: readonly string[]): boolean {
  if (ofPrograms.test(origin)) return true;
  const host = /^https?:\/\/([\w.~%:[\]-]+)$/iu.exec(origin)?.[1];
  return host !== undefined && isHostAllowed(host, doorHost, extra);
}

/** Origins of programs and of their extensions, not of the web. */
const ofPrograms =
  /^(?:vscode-webview|vscode-file|chrome-extension|moz-extension|safari-web-extension|tauri|app):\/\/[^\s,]*$/iu;

function matches(entry: string, name: string): boolean {
  if (entry.startsWith('**.')) return name.endsWith(entry.slice(2)) && name.length > entry.length - 2;
  if (!entry.startsWith('*.')) return name === entry;
  const below = entry.slice(1);
  return name.endsWith(below) && /^[^.]+$/u.test(name.slice(0, -below.length));
}
