/** Finds ports that nobody uses, and does not give one twice while its first taker may still be starting. */

import { createServer } from 'node:net';
import getPort from 'get-port';
import { codeOf } from './error-words.ts';

/** A child may take long from its spawn to its `listen`. */
const keepMs = 60_000;
const attempts = 20;

/** The wildcards are asked besides the loopback addresses: some systems allow both at once, and then the requests go astray. */
const addresses = ['127.0.0.1', '::1', '0.0.0.0', '::'];

/**
 * @param find Gives a port the system holds for free.
 * @param now Monotonic, in milliseconds.
 */
export function createPortFinder(
  find: () => Promise<number> = getPort,
  now: () => number = () => performance.now(),
): (preferred?: number) => Promise<number> {
  const given = new Map<number, number>();
  return async (preferred) => {
    const oldest = now() - keepMs;
    for (const [port, since] of given) if (since < oldest) given.delete(port);
    // Whoever names a port had it before, so it may have it again.
    if (preferred !== undefined && (await isFree(preferred))) {
      given.set(preferred, now());
      return preferred;
    }
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const port = await find();
      // Taken by another caller while this one was waiting, or by somebody on one address only.
      if (given.has(port)) continue;
      given.set(port, now());
      if (await isFree(port)) return port;
    }
    throw new Error('no free port was found');
  };
}

async function isFree(port: number): Promise<boolean> {
  for (const host of addresses) {
    if (!(await canListen(host, port))) return false;
  }
  return true;
}

function canListen(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  // An address this machine does not have, such as ::1 without IPv6, is not taken by anybody.
  server.on('error', (error) =>
    resolve(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(codeOf(error) ?? '')),
  );
  server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') }, () =>
    server.close(() => resolve(true)),
  );
  return promise;
}
