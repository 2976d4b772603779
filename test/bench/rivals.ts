/** The three that are measured beside each other, driven in the same way: us, a bare parent, and supervisord. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface Rival {
  readonly name: string;
  /** Orders the start of all, without waiting for it. */
  start(): void;
  stop(): void;
  /** Resident memory in kilobytes, after what could be let go has been. */
  memory(): Promise<number>;
  end(): Promise<void>;
}

export interface Programs {
  /** Lines of a `[program:x]` section, without its head. */
  readonly section: readonly string[];
  readonly argv: readonly string[];
  readonly count: number;
}

const parent = resolve(import.meta.dirname, 'parents-parent.ts');

/** The version of Debian's package, or undefined when it is not installed. */
export function supervisordVersion(): string | undefined {
  try {
    return execFileSync('supervisord', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

export function ourselves(folder: string, { section }: Programs): Rival {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'supervisord.conf'),
    ['[supervisord]', '[program:x]', ...section, ''].join('\n'),
  );
  return inNode('ours', ['ours', folder], 1);
}

export function floor({ argv, count }: Programs): Rival {
  return inNode('bare Node parent', ['floor', ...argv], count);
}

function inNode(name: string, args: readonly string[], count: number): Rival {
  const child = spawn(process.execPath, ['--expose-gc', parent, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  return {
    name,
    start: () => void child.stdin.write(`start ${count}\n`),
    stop: () => void child.stdin.write('stop\n'),
    async memory() {
      child.stdin.write('collect\n');
      await once(lines, 'line');
      return residentOf(child);
    },
    async end() {
      child.stdin.end('end\n');
      await once(child, 'exit');
    },
  };
}

export async function supervisord(folder: string, { section }: Programs): Promise<Rival> {
  mkdirSync(folder, { recursive: true });
  const socket = join(folder, 'rpc.sock');
  const config = [
    '[unix_http_server]',
    `file=${socket}`,
    '[supervisord]',
    'nodaemon=true',
    `logfile=${folder}/supervisord.log`,
    `pidfile=${folder}/supervisord.pid`,
    `childlogdir=${folder}`,
    '[rpcinterface:supervisor]',
    'supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface',
    '[program:x]',
    ...section,
    '',
  ].join('\n');
  writeFileSync(join(folder, 'supervisord.conf'), config);
  const child = spawn('supervisord', ['-c', join(folder, 'supervisord.conf')], {
    stdio: 'ignore',
    cwd: folder,
  });
  while (!existsSync(socket) || (await call(socket, 'supervisor.getState')) === undefined) {
    if (child.exitCode !== null) throw new Error(`supervisord left with ${child.exitCode}.`);
    await new Promise((done) => setTimeout(done, 10));
  }
  // The answer comes when all is done; what was measured is over before.
  const order = (method: string): void => void call(socket, method, '<boolean>0</boolean>');
  return {
    name: 'supervisord',
    start: () => order('supervisor.startAllProcesses'),
    stop: () => order('supervisor.stopAllProcesses'),
    memory: () => Promise.resolve(residentOf(child)),
    async end() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function call(socketPath: string, method: string, value?: string): Promise<string | undefined> {
  const params = value === undefined ? '' : `<param><value>${value}</value></param>`;
  const body = `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${params}</params></methodCall>`;
  return new Promise((done) => {
    const asked = request(
      {
        socketPath,
        path: '/RPC2',
        method: 'POST',
        headers: { 'content-type': 'text/xml', 'content-length': body.length },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => done(text)).on('error', () => done(undefined));
      },
    );
    // Not listening yet, or gone.
    asked.on('error', () => done(undefined));
    asked.end(body);
  });
}

function residentOf({ pid }: ChildProcess): number {
  return Number(/^VmRSS:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
