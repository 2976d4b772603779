/** Keeps a snapshot current. Pure, so that every reader of the stream agrees on the present. */

import type { RuntimeMessage, Snapshot } from './api.ts';

/** The snapshot after a message; the same object when the message changes nothing in it. */
export function applyMessage(snapshot: Snapshot, message: RuntimeMessage): Snapshot {
  if (message.kind === 'snapshot') return message.snapshot;
  if (message.kind !== 'instance') return snapshot;
  const { instance } = message;
  const services = snapshot.services.map((service) =>
    service.name === instance.service
      ? {
          ...service,
          instances: service.instances.map((old) => (old.name === instance.name ? instance : old)),
        }
      : service,
  );
  return { ...snapshot, services };
}
