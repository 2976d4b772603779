/**
 * What is read of senders from whom nobody takes anything.
 *
 * A socket that is not read tells neither of its end nor of a reset: both stand behind the bytes that wait. So where
 * nobody has taken anything for a while, it is read on into memory, to see whether somebody is still there. On one
 * machine there is never more between two ends than the system keeps for both of them, and that is how far it reads.
 */

/** As much of one sender: more than Linux keeps of a connection, on both of its ends together (4 and 6 MiB). */
export const mostAhead = 12 * 1024 * 1024;

/** As much of all senders over one door. */
const ofAll = 96 * 1024 * 1024;

export class Ahead {
  #left = ofAll;

  get isLeft(): boolean {
    return this.#left > 0;
  }

  take(bytes: number): void {
    this.#left -= bytes;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}
