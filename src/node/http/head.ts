/** Node gives and takes raw headers as one flat list of names and values. */
import type { Headers } from '../../core/outside.ts';

export function pairs(raw: readonly string[]): [name: string, value: string][] {
  const result: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    result.push([raw[index] ?? '', raw[index + 1] ?? '']);
  }
  return result;
}

export function flat(headers: Headers): string[] {
  return headers.flat();
}
