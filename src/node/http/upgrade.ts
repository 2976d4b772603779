/**
 * Carries requests that leave HTTP for another protocol (WebSocket, and what dev servers use for hot reloading).
 *
 * Once the instance agrees, bytes go both ways as they come. When it does not, its answer goes back and the
 * connection ends.
 */

import { type IncomingMessage, request as send } from 'node:http';
import type { Socket } from 'node:net';
import type { Forward, Headers, UpstreamFailure } from '../../core/outside.ts';
import { towardsClient, towardsInstance } from '../../core/proxy/headers.ts';
import { lookupLoopback } from '../loopback.ts';
import type { Exchange } from './exchange.ts';
import { failureOf, wasRefused } from './failure.ts';
import { countBytes } from './forward.ts';
import { authorityOf, flat, pairs } from './head.ts';
import type { Limits } from './limits.ts';
import { headText, sendRaw } from './raw.ts';

/** What a client may send before the instance has agreed; a well-behaved one sends nothing. */
const earlyLimit = 64 * 1024;

export async function upgrade(
  exchange: Exchange,
  client: Socket,
  first: Buffer,
  limits: Limits,
): Promise<void> {
  client.setTimeout(0);
  client.setNoDelay(true);
  client.on('close', () => exchange.end());
  const early = collect(client, first);
  const decision = await exchange.decide();
  if (client.destroyed) return;
  if (decision.kind === 'forward') {
    negotiate({ exchange, client, early, limits }, decision);
    return;
  }
  const answer = decision.kind === 'file' ? decision.gone : decision.answer;
  exchange.answered(answer.status);
  sendRaw(client, answer, limits.lingerMs);
}

interface Early {
  /** Ends the collecting; what came so far. */
  take(): Buffer;
}

/** Reads on while the upgrade is being negotiated: only who reads learns that the other side has left. */
function collect(client: Socket, first: Buffer): Early {
  const chunks = [first];
  let length = first.length;
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > earlyLimit) client.pause();
  };
  const onEnd = (): void => {
    client.destroy();
  };
  client.on('data', onData);
  client.on('end', onEnd);
  return {
    take: () => {
      client.off('data', onData);
      client.off('end', onEnd);
      return Buffer.concat(chunks);
    },
  };
}

interface Negotiation {
  readonly exchange: Exchange;
  readonly client: Socket;
  readonly early: Early;
  readonly limits: Limits;
}

function negotiate({ exchange, client, early, limits }: Negotiation, decision: Forward): void {
  const { host, port } = decision;
  const { head } = exchange;
  // A connection of its own: it will not come back to the pool.
  const upstream = send({
    host,
    port,
    method: head.method,
    path: head.target,
    headers: flat(towardsInstance(head, { instance: authorityOf(host, port) })),
    agent: false,
    lookup: lookupLoopback,
    maxHeaderSize: limits.head,
  });
  let settled = false;
  const bytesCame = countBytes(upstream);
  client.once('close', () => upstream.destroy());
  upstream.on('upgrade', (incoming, socket: Socket, rest: Buffer) => {
    settled = true;
    if (client.destroyed) {
      socket.destroy();
      return;
    }
    client.write(headText(101, incoming.statusMessage, passed(incoming)));
    exchange.answered(101);
    exchange.report();
    join(client, early.take(), socket, rest);
  });
  upstream.on('response', (incoming) => {
    settled = true;
    decline(incoming);
  });
  upstream.on('error', (error) => {
    if (settled) return;
    settled = true;
    const next = wasRefused(error) ? exchange.elsewhere(decision) : undefined;
    if (next === undefined) void excuse(failureOf(error, bytesCame()));
    else negotiate({ exchange, client, early, limits }, next);
  });
  upstream.end();

  async function excuse(failure: UpstreamFailure): Promise<void> {
    const answer = await exchange.failed(decision, failure);
    exchange.answered(answer.status);
    early.take();
    sendRaw(client, answer, limits.lingerMs);
  }

  /** The instance answers in HTTP: that answer ends with the connection, which spares us its framing. */
  function decline(incoming: IncomingMessage): void {
    const status = incoming.statusCode ?? 502;
    exchange.answered(status);
    early.take();
    client.resume();
    client.write(headText(status, incoming.statusMessage, [...passed(incoming), ['Connection', 'close']]));
    incoming.pipe(client);
    // Without chunks and length, only a reset can tell a half body from a whole one.
    incoming.once('close', () => {
      if (!incoming.complete) client.resetAndDestroy();
    });
    client.once('finish', () => client.destroySoon());
  }

  function passed(incoming: IncomingMessage): Headers {
    return towardsClient({ status: incoming.statusCode ?? 502, headers: pairs(incoming.rawHeaders) }, head);
  }
}

/** Lets bytes go both ways until both sides have ended, or one of them is gone. */
function join(client: Socket, fromClient: Buffer, instance: Socket, fromInstance: Buffer): void {
  instance.setTimeout(0);
  instance.setNoDelay(true);
  if (fromClient.length > 0) instance.write(fromClient);
  if (fromInstance.length > 0) client.write(fromInstance);
  client.pipe(instance);
  instance.pipe(client);
  // The reason does not matter: whatever happened to one side, the other one is to learn that it is over.
  client.on('error', () => instance.destroy());
  instance.on('error', () => client.destroy());
  client.once('close', () => instance.destroySoon());
  instance.once('close', () => client.destroySoon());
}
