/** What a request is like, told by its number alone; the number stands at both ends of its bodies. */

const filler = Buffer.alloc(200 * 1024, 'x');

/** Scatters the numbers, or those of a kind would all go to the same instance when instances take turns. */
function scattered(id: number): number {
  const mixed = Math.imul(id ^ (id >>> 16), 0x45d9f3b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** Most are small; some are larger than any buffer on the way. */
export function bodyOf(id: number): Buffer {
  const kind = scattered(id) % 100;
  const size = kind === 7 ? filler.length : kind % 10 === 3 ? 8 * 1024 : 200;
  const end = `:${id}:`;
  return Buffer.concat([Buffer.from(end, 'latin1'), filler.subarray(0, size), Buffer.from(end, 'latin1')]);
}

/** Whether a body is the number's own, whole. */
export function holds(body: Buffer, id: number): boolean {
  return body.equals(bodyOf(id));
}

/** Every fourth request may not be sent twice. */
export function methodOf(id: number): 'GET' | 'POST' {
  return (scattered(id) >>> 8) % 4 === 0 ? 'POST' : 'GET';
}

/** How a child answers: some are slow to begin and some to end, so that children die over them. */
export function paceOf(id: number): 'at-once' | 'slow-to-begin' | 'slow-to-end' {
  const kind = (scattered(id) >>> 16) % 20;
  return kind === 5 ? 'slow-to-begin' : kind === 15 ? 'slow-to-end' : 'at-once';
}
