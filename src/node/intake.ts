/**
 * Reads one stream of a child.
 *
 * From a FIFO everything is read into one buffer that all children share: a buffer for each read, as streams make
 * them, costs more than the reading, and hundreds of children that end together would take a megabyte for every
 * sixteen of them.
 */

import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

export interface IntakeListener {
  /** What has come. Good only until this returns: whoever keeps it copies it. */
  take(bytes: Uint8Array): void;
  /** Nothing more comes. A broken pipe is the end as well (SV-61). May be said twice. */
  ended(): void;
}

export interface Intake {
  /** Reads from now on; to be called once. */
  open(listener: IntakeListener): void;
  pause(): void;
  resume(): void;
  /** Ends it, though somebody else may still hold the other end. */
  destroy(): void;
}

/** As much as a FIFO holds. */
const shared = new Uint8Array(65_536);

/** Of our own end of a FIFO; closes the descriptor at the end. */
export function intakeOfFifo(descriptor: number): Intake {
  let socket: Socket | undefined;
  return {
    open(listener) {
      const ended = (): void => listener.ended();
      socket = new Socket({
        fd: descriptor,
        readable: true,
        writable: false,
        onread: {
          buffer: shared,
          callback(length) {
            listener.take(shared.subarray(0, length));
            return true;
          },
        },
      });
      socket.on('close', ended).on('error', ended).resume();
    },
    pause: () => void socket?.pause(),
    resume: () => void socket?.resume(),
    destroy: () => void socket?.destroy(),
  };
}

/** Of a stream that Node has made. */
export function intakeOfStream(stream: Readable): Intake {
  return {
    open(listener) {
      const ended = (): void => listener.ended();
      stream
        .on('data', (bytes: Uint8Array) => listener.take(bytes))
        .on('close', ended)
        .on('error', ended);
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    destroy: () => void stream.destroy(),
  };
}
