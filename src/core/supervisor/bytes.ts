/** Small things to do with bytes that the standard arrays do not do. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const empty = new Uint8Array();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** As UTF-8; what is none becomes the replacement character. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const filled = parts.filter(({ length }) => length > 0);
  const [only = empty] = filled;
  if (filled.length < 2) return only;
  const whole = new Uint8Array(filled.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of filled) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Where `wanted` begins in `bytes`, or -1. */
export function find(bytes: Uint8Array, wanted: Uint8Array, from = 0): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (startsWith(bytes.subarray(at), wanted)) return at;
  }
  return -1;
}

export function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, index) => bytes[index] === byte);
}

/** How many bytes at the end of `bytes` could be the beginning of `wanted`, which is not whole in there. */
export function beginningAtEnd(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let length = Math.min(bytes.length, wanted.length - 1); length > 0; length -= 1) {
    if (startsWith(wanted, bytes.subarray(bytes.length - length))) return length;
  }
  return 0;
}
