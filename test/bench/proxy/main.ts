/**
 * `npm run bench:proxy`: us beside other proxies on this machine, each round measuring every one of them once.
 *
 * `bench:proxy [SUBJECT …] [--peers A,B] [--rounds N] [--seconds N] [--profile FOLDER]`: get, large, upload, latency, sse, websocket.
 * `bench:proxy soak [MINUTES | --requests N]`: instances are killed under load and every response is counted.
 * `bench:proxy loop-delay`: what the extension host feels of the front door at full load.
 */

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchLoopDelay } from './loop-delay.ts';
import { Bench, bring, type Peer, type PeerName, peerNames, versionOf } from './peers.ts';
import { pinned, residentMegabytes } from './pins.ts';
import { Results } from './results.ts';
import { benchSoak } from './soak.ts';
import { type Subject, subjects } from './subjects.ts';

interface Plan {
  readonly subjects: readonly Subject[];
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly profiles: string | undefined;
}

async function compare(plan: Plan): Promise<void> {
  console.log(`Node ${process.versions.node}, ${process.platform}, ${cpus().length} cores.`);
  console.log(
    pinned
      ? 'Proxies on one core, origins and load on the other. Medians of the rounds, with minimum and maximum behind them.'
      : 'Nothing is pinned to a core here (one core, or no taskset), so the rates are of all programs together.',
  );
  const wrkMissing = await bring('wrk');
  const results = new Results();
  const versions = new Map<PeerName, string>();
  for (const name of plan.peers) versions.set(name, await versionOf(name));
  for (const subject of plan.subjects) {
    if (subject.needsWrk && wrkMissing !== undefined) {
      console.log(`\n${subject.title}: not measured, wrk is ${wrkMissing}.`);
      continue;
    }
    const missing = await measure(subject, plan, results);
    results.print(subject, plan.peers, { versions, missing });
  }
  for (const who of ['ours', 'plane'] as const) if (plan.peers.includes(who)) results.printTargets(who);
}

/** All rounds of one subject. Gives whom it could not start, and why. */
async function measure(
  subject: Subject,
  { peers, rounds, seconds, profiles }: Plan,
  results: Results,
): Promise<ReadonlyMap<PeerName, string>> {
  const bench = await Bench.open(profiles);
  const missing = new Map<PeerName, string>();
  try {
    const command = subject.origin(bench);
    const upstream = await bench.startOrigin(command);
    const started: Peer[] = [];
    for (const name of peers) {
      if (subject.leftOut?.includes(name) === true) continue;
      const peer = await bench.startPeer(name, upstream, command);
      if (typeof peer === 'string') missing.set(name, peer);
      else started.push(peer);
    }
    // The first round warms everybody up.
    for (let round = -1; round < rounds; round += 1) {
      // Everybody comes first once, so that nobody always has what another has left behind.
      const first = Math.max(0, round) % started.length;
      for (const peer of [...started.slice(first), ...started.slice(0, first)]) {
        const figures = await subject
          .measure(bench, peer, round < 0 ? 1 : seconds)
          .catch((cause: unknown) => Promise.reject(new Error(`${subject.title}, ${peer.name}`, { cause })));
        if (round >= 0) results.add(subject.name, peer.name, figures);
      }
    }
    for (const { name, pid } of started) {
      if (pid !== undefined) results.remember(subject.name, name, residentMegabytes(pid));
    }
  } finally {
    await bench.close();
  }
  return missing;
}

function planned(words: readonly string[], options: Readonly<Record<string, string | undefined>>): Plan {
  const unknown = words.filter((word) => !subjects.some(({ name }) => name === word));
  const asked = options['peers']?.split(',') ?? [];
  const strangers = asked.filter((name) => !peerNames.some((each) => each === name));
  if (unknown.length > 0 || strangers.length > 0)
    throw new Error(
      `Not known: ${[...unknown, ...strangers].join(', ')}. Subjects: ${subjects.map(({ name }) => name).join(', ')}, ` +
        `soak, loop-delay. Peers: ${peerNames.join(', ')}.`,
    );
  return {
    subjects: words.length === 0 ? subjects : subjects.filter(({ name }) => words.includes(name)),
    peers: asked.length === 0 ? peerNames : peerNames.filter((name) => asked.includes(name)),
    rounds: Number(options['rounds'] ?? 7),
    seconds: Number(options['seconds'] ?? 2),
    profiles: options['profile'],
  };
}

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { peers: text, rounds: text, seconds: text, profile: text, requests: text },
});
const [first, minutes] = positionals;
if (first === 'soak') {
  await benchSoak({
    ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
    ...(values.requests === undefined ? {} : { requests: Number(values.requests) }),
  });
} else if (first === 'loop-delay') {
  await benchLoopDelay(Number(values.seconds ?? 10));
} else {
  await compare(planned(positionals, values));
}
