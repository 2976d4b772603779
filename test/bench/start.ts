/** From the order to start to RUNNING, for each handshake, beside the floor: a bare spawn whose child says it is up. */

import { spawn } from 'node:child_process';
import { figureOf, printTable, shown } from './figures.ts';
import type { Programs } from './programs.ts';
import { openStage } from './stage.ts';

const rounds = 40;
const all = { kind: 'all' } as const;

/** Spawns with pipes and waits for the line the child prints behind its `listen`. */
function bare(programs: Programs): Promise<number> {
  const [program = ''] = programs.server;
  const begun = performance.now();
  const child = spawn(program, ['say'], { stdio: ['ignore', 'pipe', 'pipe'], env: { PORT: '0' } });
  return new Promise((resolve) => {
    child.stdout.once('data', () => {
      const took = performance.now() - begun;
      child.once('close', () => resolve(took));
      child.kill('SIGKILL');
    });
  });
}

export async function benchStart(programs: Programs): Promise<void> {
  const [program = ''] = programs.server;
  const common = { startRetries: 0, restart: 'never', stopSignal: 'KILL' };
  const handshakes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    port: { command: [program, 'silent'] },
    discover: { command: [program, 'silent'], handshake: 'discover' },
    stdout: { command: [program, 'stdout'], handshake: 'stdout' },
    file: { command: [program, 'file'], handshake: 'file' },
    reverse: { command: [program, 'silent'], handshake: 'reverse' },
    'reverse-no-file': { command: [program, 'silent', 'port={port}'], handshake: 'reverse-no-file' },
    'none (startSeconds 0)': {
      command: [program, 'silent'],
      handshake: 'none',
      startSeconds: 0,
      env: { PORT: '0' },
    },
  };
  const rows: string[][] = [];
  for (const [name, service] of Object.entries(handshakes)) {
    const stage = openStage({ one: { ...common, ...service } });
    const floor: number[] = [];
    const ours: number[] = [];
    for (let round = -3; round < rounds; round += 1) {
      const base = await bare(programs);
      const running = stage.next(({ to }) => to === 'RUNNING' || to === 'FATAL');
      const begun = performance.now();
      await stage.runtime.start(all);
      const { at, event } = await running;
      if (event.to !== 'RUNNING') throw new Error(`${name}: ${event.reason}`);
      await stage.runtime.stop(all);
      // The first rounds warm both up.
      if (round < 0) continue;
      floor.push(base);
      ours.push(at - begun);
    }
    await stage.end();
    const [low, high] = [figureOf(floor), figureOf(ours)];
    rows.push([
      name,
      shown(low),
      shown(high),
      (high.median / low.median).toFixed(2),
      `+${(high.median - low.median).toFixed(1)}`,
    ]);
  }
  printTable(
    'Order to start to RUNNING, ms',
    ['handshake', 'bare spawn, child says so', 'ours', 'ratio', 'difference'],
    rows,
  );
}

/** A parent that starts its child again at once, and connects in a tight loop. */
async function bareRestart(programs: Programs): Promise<{ again(): Promise<number>; end(): void }> {
  const [program = ''] = programs.server;
  const start = (): Promise<ReturnType<typeof spawn>> =>
    new Promise((resolve) => {
      const child = spawn(program, ['say'], { stdio: ['ignore', 'pipe', 'pipe'], env: { PORT: '0' } });
      child.stdout.once('data', () => resolve(child));
    });
  let child = await start();
  return {
    async again() {
      const begun = performance.now();
      const dead = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await dead;
      child = await start();
      return performance.now() - begun;
    },
    end: () => void child.kill('SIGKILL'),
  };
}

export async function benchRestart(programs: Programs): Promise<void> {
  const [program = ''] = programs.server;
  const bareParent = await bareRestart(programs);
  const stage = openStage({ one: { command: [program, 'silent'], restart: 'always' } });
  let running = stage.next(({ to }) => to === 'RUNNING');
  await stage.runtime.start(all);
  let pid = (await running).event.pid ?? 0;
  const floor: number[] = [];
  const ours: number[] = [];
  for (let round = -3; round < rounds; round += 1) {
    const base = await bareParent.again();
    // Longer than a short life, which would be paced as a crash loop.
    await new Promise((resolve) => setTimeout(resolve, 1050));
    running = stage.next(({ to }) => to === 'RUNNING');
    const begun = performance.now();
    process.kill(pid, 'SIGKILL');
    const { at, event } = await running;
    pid = event.pid ?? 0;
    if (round < 0) continue;
    floor.push(base);
    ours.push(at - begun);
  }
  bareParent.end();
  await stage.end();
  const [low, high] = [figureOf(floor), figureOf(ours)];
  printTable(
    'kill -9 to serving again, ms',
    ['', 'median (min to max)', 'ratio'],
    [
      ['bare parent, child says so', shown(low), '1.00'],
      ['ours, handshake port', shown(high), (high.median / low.median).toFixed(2)],
    ],
  );
}
