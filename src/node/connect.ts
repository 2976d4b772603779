/** Knocks at a port, to see whether anybody opens. */

import { get } from 'node:http';
import { connect } from 'node:net';
import { connectionTo, loopbackAddresses } from './loopback.ts';

/** On the loopback interface only a listener with a full queue keeps us waiting. */
const connectLimitMs = 1_000;

/** `localhost` is whichever loopback address answers; asking for both spares the resolver. */
function addressesOf(host: string): readonly string[] {
  return host === 'localhost' ? loopbackAddresses : [host];
}

/** Whether somebody accepts a TCP connection, which is closed at once. Never throws. */
export function canConnect(host: string, port: number): Promise<boolean> {
  const knocks = addressesOf(host).map((address) => knock(address, port));
  const opened = Promise.any(knocks.map(orReject));
  return opened.then(
    () => true,
    () => false,
  );
}

async function orReject(knocked: Promise<boolean>): Promise<void> {
  if (!(await knocked)) throw new Error('nobody opens');
}

function knock(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const end = (open: boolean): void => {
    socket.destroy();
    resolve(open);
  };
  const socket = connect({ host, port, timeout: connectLimitMs })
    // Where nobody listens, the kernel may choose the very port we knock at as our own and connect us to ourselves.
    .on('connect', () => end(socket.localPort !== port || socket.localAddress !== socket.remoteAddress))
    .on('timeout', () => end(false))
    .on('error', () => end(false));
  return promise;
}

/** GETs a path and gives the status; undefined when no answer came in time. Never throws. */
export function httpStatus(
  host: string,
  port: number,
  path: string,
  timeoutMs: number,
): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const request = get(
    {
      host,
      port,
      path,
      agent: false,
      ...connectionTo(host),
      signal: AbortSignal.timeout(timeoutMs),
    },
    (response) => {
      resolve(response.statusCode);
      response.on('error', () => resolve(undefined));
      response.destroy();
    },
  );
  request.on('error', () => resolve(undefined));
  return promise;
}
