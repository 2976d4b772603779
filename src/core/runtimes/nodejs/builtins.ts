/** Modules that Node brings itself: no package of the same name is loaded instead of one. */

const names: ReadonlySet<string> = new Set(
  [
    'assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain',
    'events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl',
    'stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib',
  ].flatMap((line) => line.split(' ')),
);

/** `fs`, `fs/promises`, `node:test`. */
export function isBuiltIn(target: string): boolean {
  return target.startsWith('node:') || names.has(target.split('/', 1)[0] ?? '');
}
