/** TCP listeners of macOS and the BSDs, asked of `lsof`. */

import type { Listener } from '../core/outside.ts';
import { ask } from './ask.ts';
import type { ListenerTable } from './listeners.ts';

export function lsofListeners(): ListenerTable {
  return {
    async of(pids) {
      return parseLsof(await lsof(['-iTCP', '-a', '-p', pids.join(',')]));
    },
    async on(port) {
      const listeners = parseLsof(await lsof([`-iTCP:${port}`]));
      return listeners && [...new Set(listeners.map(({ pid }) => pid))];
    },
    // Asking lsof costs as much as the answer itself.
    stamp: () => undefined,
    async command(pid) {
      return (await ask('ps', ['-p', String(pid), '-ww', '-o', 'command='])).text.trim() || undefined;
    },
  };
}

async function lsof(args: readonly string[]): Promise<string | undefined> {
  const { code, text } = await ask('lsof', ['-nP', '-sTCP:LISTEN', '-Fptn', ...args]);
  // It ends with 1 also when there is simply nothing to tell.
  return code === 0 || code === 1 ? text : undefined;
}

/** Reads `lsof -Fptn`: lines of `p` (pid), `t` (IPv4 or IPv6) and `n` (address:port). */
export function parseLsof(text: string | undefined): readonly Listener[] | undefined {
  if (text === undefined) return undefined;
  const listeners: Listener[] = [];
  let pid = 0;
  let family = 'IPv4';
  for (const line of text.split('\n')) {
    const value = line.slice(1);
    if (line.startsWith('p')) pid = Number(value);
    else if (line.startsWith('t')) family = value;
    else if (line.startsWith('n')) {
      const colon = value.lastIndexOf(':');
      const host = value.slice(0, colon).replace(/^\[|\]$/gu, '');
      const any = family === 'IPv6' ? '::' : '0.0.0.0';
      listeners.push({ host: host === '*' ? any : host, port: Number(value.slice(colon + 1)), pid });
    }
  }
  return listeners;
}
