/** `ready` and `health`: how a service tells that it is fine. Decides what was meant; looking is done elsewhere. */

import { slownessOf } from '../base/slow-pattern.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { type CommandScope, commandOf } from './command.ts';
import { defaultsOf, type RawService } from './schema.ts';
import { checkSchema } from './schema/maps.ts';
import type { Check, HandshakeName } from './spec.ts';
import { child, entryOf, type Tree } from './tree.ts';
import { milliseconds } from './units.ts';

type RawCheck = NonNullable<RawService['ready']>;
type RawFields = Exclude<RawCheck, string>;

export function checkOf(
  tree: Tree | undefined,
  raw: RawCheck | undefined,
  key: 'ready' | 'health',
  handshake: HandshakeName,
  commands: CommandScope,
  problems: Problem[],
): Check | undefined {
  if (tree === undefined || raw === undefined) return undefined;
  const fields: Partial<RawFields> = {
    ...defaultsOf(checkSchema),
    ...(typeof raw === 'string' ? { tcp: true } : raw),
  };
  const exec = commandOf(child(tree, 'exec'), `${key}.exec`, false, commands, problems);
  const ways = {
    ...(fields.tcp === true ? { tcp: true as const } : {}),
    ...(fields.http === undefined ? {} : { http: fields.http }),
    ...(fields.log === undefined ? {} : { log: fields.log }),
    ...(exec === undefined ? {} : { exec }),
  };
  const named = ['tcp', 'http', 'log', 'exec'].some((way) => child(tree, way) !== undefined);
  if (Object.keys(ways).length === 0) {
    // One that is there and wrong has its own problem.
    if (!named || fields.tcp === false) {
      const at = tree.kind === 'map' ? ([...tree.entries.values()][0]?.key ?? tree.at) : tree.at;
      problems.push(
        problem('missing-key', at, {
          key: 'tcp, http, log or exec',
          where: `"${key}"`,
          example: `${key}: { http: /health }`,
        }),
      );
    }
    return undefined;
  }
  for (const way of ['tcp', 'http'] as const) {
    if (ways[way] === undefined || handshake !== 'none') continue;
    const at = entryOf(tree, way)?.key ?? tree.at;
    problems.push(
      problem('bad-value', at, {
        key: `${key}.${way}`,
        reason: 'with "handshake: none" there is no port to look at',
        hint: 'Use log or exec, or set another handshake.',
      }),
    );
  }
  const reason = fields.log === undefined ? undefined : patternProblem(fields.log);
  if (reason !== undefined) {
    problems.push(
      problem('bad-value', child(tree, 'log')?.at ?? tree.at, { key: `${key}.log`, reason, hint: undefined }),
    );
  }
  return {
    ...ways,
    intervalMs: milliseconds(fields.interval ?? 0) ?? 0,
    timeoutMs: milliseconds(fields.timeout ?? 0) ?? 0,
    failures: fields.failures ?? 1,
  };
}

/** Why a text is no regular expression. */
function patternProblem(pattern: string): string | undefined {
  try {
    return slownessOf(new RegExp(pattern));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `it is no regular expression (${message.replace(/^Invalid regular expression: /, '')})`;
  }
}
