/**
 * Connections that have left HTTP for another protocol (WebSocket, and what dev servers use for hot reloading): bytes
 * go both ways as they come.
 */

import type { Socket } from 'node:net';

export interface Ends {
  readonly client: Socket;
  readonly instance: Socket;
  /** What came from either side along with its head. */
  readonly fromClient: Buffer | undefined;
  readonly fromInstance: Buffer;
}

/** Lets bytes go both ways until both sides have ended, or one of them is gone. */
export function join({ client, instance, fromClient, fromInstance }: Ends): void {
  if (fromClient !== undefined) instance.write(fromClient);
  if (fromInstance.length > 0) client.write(fromInstance);
  client.pipe(instance);
  instance.pipe(client);
  // A client may end its half and still listen. An instance that has ended is gone, as far as anybody knows.
  instance.once('end', () => instance.end());
  // The reason does not matter: whatever happened to one side, the other one is to learn that it is over.
  client.on('error', () => instance.destroy());
  instance.on('error', () => client.destroy());
  client.once('close', () => instance.destroySoon());
  instance.once('close', () => client.destroySoon());
}
