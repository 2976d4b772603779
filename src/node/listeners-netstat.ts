/** TCP listeners of Windows, asked of `netstat`. */

import type { Listener } from '../core/outside.ts';
import { ask, askPowerShell } from './ask.ts';
import type { ListenerTable } from './listeners.ts';

export function windowsListeners(): ListenerTable {
  return {
    async of(pids) {
      return (await netstat())?.filter(({ pid }) => pids.includes(pid));
    },
    async on(port) {
      const listeners = await netstat();
      return listeners && [...new Set(listeners.filter((one) => one.port === port).map(({ pid }) => pid))];
    },
    stamp: () => undefined,
    async command(pid) {
      const query = `(Get-CimInstance Win32_Process -Filter "ProcessId=${pid}").CommandLine`;
      return (await askPowerShell(query)).trim() || undefined;
    },
  };
}

async function netstat(): Promise<readonly Listener[] | undefined> {
  const [four, six] = await Promise.all([
    ask('netstat', ['-ano', '-p', 'TCP']),
    ask('netstat', ['-ano', '-p', 'TCPv6']),
  ]);
  return four.code === 0 ? parseNetstat(`${four.text}\n${six.text}`) : undefined;
}

/** Reads `netstat -ano`. The word for "listening" is translated, so a listener is known by its foreign port 0. */
export function parseNetstat(text: string): readonly Listener[] {
  return text.split(/\r?\n/u).flatMap((line) => {
    const [protocol, local = '', foreign = '', , pid = ''] = line.trim().split(/\s+/u);
    if (protocol !== 'TCP' || !foreign.endsWith(':0')) return [];
    const colon = local.lastIndexOf(':');
    const host = local.slice(0, colon).replace(/^\[|\]$/gu, '');
    return [{ host, port: Number(local.slice(colon + 1)), pid: Number(pid) }];
  });
}
