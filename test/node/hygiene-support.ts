/** Attacks as rows of bytes, thrown at a door with a gullible instance behind it, and what came of each. */

import type { Socket } from 'node:net';
import {
  type Arrangement,
  gullible,
  Log,
  openDoor,
  type Opened,
  RawClient,
  type Scope,
} from './http-support.ts';
import { beliefs, readGullibly, readTogether } from './hygiene-readers.ts';
import { until } from './support.ts';

export interface Connection {
  readonly socket: Socket;
  /** Everything that came, one character a byte. */
  bytes: string;
}

export interface Upstream {
  readonly port: number;
  readonly connections: Log<Connection>;
}

/** What an instance says to a request: bytes, and whether it closes after them. */
export interface Said {
  readonly bytes: string;
  readonly ends?: boolean;
}

/**
 * An instance that writes down every byte it gets, and answers each request that its reader, which takes chunks for
 * more than lengths and LF for a line's end, finds in them. The request is told as `POST /path 5`.
 */
export async function upstream(t: Scope, answer: (request: string) => Said = seen): Promise<Upstream> {
  const connections = new Log<Connection>();
  const belief = beliefs.find(({ name }) => name === 'lines end at LF');
  if (belief === undefined) throw new Error('nobody believes in LF');
  const port = await gullible(t, (socket) => {
    const connection = { socket, bytes: '' };
    connections.push(connection);
    let answered = 0;
    socket.on('data', (chunk) => {
      connection.bytes += chunk.toString('latin1');
      const { requests } = readGullibly(connection.bytes, belief);
      for (const request of requests.slice(answered)) {
        const { bytes, ends = false } = answer(request);
        socket.write(bytes, 'latin1');
        if (ends) socket.end();
      }
      answered = requests.length;
    });
    socket.on('end', () => socket.end());
  });
  return { port, connections };
}

/** A proper answer that repeats what was asked. */
export function seen(request: string): Said {
  const body = `seen ${request}`;
  const empty = request.startsWith('HEAD ');
  return { bytes: `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${empty ? '' : body}` };
}

/** What came of bytes that a client sent. */
export interface Outcome {
  /** The status of each answer. */
  readonly statuses: readonly number[];
  /** Whether the door ended the connection. */
  readonly ended: boolean;
  /** `POST /path` of each request that was given away. */
  readonly forwarded: readonly string[];
  /** `POST /path 5` of each whole request that everybody finds in what reached the instance, sorted; or why they do not agree. */
  readonly seen: readonly string[] | { readonly odd: string };
  /** Requests that reached the instance without their end. */
  readonly open: readonly string[];
  /** All that reached the instance. */
  readonly bytes: string;
}

export interface Target extends Opened {
  readonly upstream: Upstream;
}

/** A door with a gullible instance behind it. */
export async function target(
  t: Scope,
  arrangement: Arrangement = {},
  answer?: (request: string) => Said,
): Promise<Target> {
  const behind = await upstream(t, answer);
  return { ...(await openDoor(t, behind.port, arrangement)), upstream: behind };
}

/** Runs something whose doors and sockets are closed when it is over, for those that run by the hundred. */
export async function scoped<T>(run: (scope: Scope) => Promise<T>): Promise<T> {
  const after: (() => unknown)[] = [];
  try {
    return await run({
      after: (close) => {
        if (close !== undefined) after.push(close as () => unknown);
      },
    });
  } finally {
    for (const close of after.toReversed()) await close();
  }
}

/**
 * A door that has answers collected, and sends all that the client said in a head of its own making: as little careful
 * as a decision can be.
 */
export const collected: Arrangement = {
  decide: ({ method, target: path, headers }, forward) => {
    const plain = forward();
    if (plain.kind !== 'forward') return plain;
    const own = headers.filter(([name]) => name.toLowerCase() !== 'host');
    return {
      ...plain,
      ownConnection: true,
      send: { method, target: path, headers: [['HOST', 'localhost'], ...own] },
      collect: {
        limit: 1_000_000,
        finish: ({ status, reason, headers: said, body }) => ({
          status,
          reason,
          headers: said,
          body: '',
          bytes: body,
        }),
      },
    };
  },
};

/** How long a door may take to end a connection that it has to end: past this it is taken to hold it open. */
const patienceMs = 3_000;

/**
 * Sends bytes to a door of its own and waits for the end of the connection.
 *
 * `slowly`: in pieces of one byte, so that no reader has the luck to see two things at once.
 */
export async function attack(
  t: Scope,
  bytes: string,
  slowly = false,
  arrangement: Arrangement = {},
): Promise<Outcome> {
  const { door, heads, upstream: behind } = await target(t, arrangement);
  const client = new RawClient(t, door.port);
  if (slowly) await drip(client, bytes);
  else client.send(bytes);
  return outcomeOf(client, { heads, upstream: behind });
}

/** Byte by byte; the kernel puts some together again, which is as well. */
async function drip(client: RawClient, bytes: string): Promise<void> {
  for (const byte of bytes) {
    if (!client.socket.writable) return;
    client.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** `answers`: so many of them are enough; the connection need not end. */
export async function outcomeOf(
  client: RawClient,
  { heads, upstream: behind }: Pick<Target, 'heads' | 'upstream'>,
  answers = Number.POSITIVE_INFINITY,
): Promise<Outcome> {
  const ended = await endOf(client, answers);
  client.socket.destroy();
  // What was on its way to the instance is there once the door has closed its side of every connection that is not
  // whole, or all of it has come to rest.
  const { items } = behind.connections;
  await restOf(() => items.reduce((sum, { bytes }) => sum + bytes.length, 0));
  const readings = await Promise.all(items.map(({ bytes }) => readTogether(bytes)));
  const odd = readings.find((reading) => 'odd' in reading);
  const whole = readings.flatMap((reading) => ('odd' in reading ? [] : [reading]));
  return {
    statuses: statusesOf(client),
    ended,
    forwarded: heads.map(({ method, target: path }) => `${method} ${path}`),
    seen: odd ?? whole.flatMap(({ requests }) => requests).toSorted(),
    open: whole.flatMap(({ open }) => open ?? []),
    bytes: items.map(({ bytes }) => bytes).join(''),
  };
}

function statusesOf(client: RawClient): readonly number[] {
  return [...client.received.matchAll(/HTTP\/1\.1 (\d{3}) /gu)].map(([, status]) => Number(status));
}

async function endOf(client: RawClient, answers: number): Promise<boolean> {
  let ended = false;
  const end = client.ended.then(() => (ended = true));
  const enough = until('an end', () => ended || statusesOf(client).length >= answers, patienceMs);
  // Past its patience it is what it is: not ended.
  await Promise.race([end, enough.catch(() => undefined)]);
  return ended;
}

/** Waits until something that only grows has come to rest. */
export async function restOf(look: () => number): Promise<void> {
  let before = -1;
  let same = 0;
  await until('it comes to rest', () => {
    const now = look();
    same = now === before ? same + 1 : 0;
    before = now;
    return same > 2;
  });
}
