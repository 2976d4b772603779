/** How a Ruby command is run under the debugger of the debug gem, which listens from the start and lets it run. */

import type { ServiceSpec } from '../../../config/spec.ts';
import type { UnderDebugger } from '../common/debugged.ts';
import type { CommandLine } from '../common/line.ts';
import { unfit } from '../common/unfit.ts';
import type { Look, Unfit } from '../recipe.ts';
import type { RubyCommand } from './command.ts';
import { debugLibrary, gemFolders } from './gems.ts';
import type { RubyFound } from './interpreter.ts';

/**
 * Its library is required by its path, so that a Gemfile need not name it. Ruby itself is given it as an option, which
 * its children do not inherit; anything that starts Ruby in turn passes it on by RUBYOPT.
 */
export async function underDebugger(
  spec: ServiceSpec,
  look: Look,
  port: number,
  line: CommandLine | undefined,
  command: RubyCommand,
  ruby: RubyFound,
): Promise<UnderDebugger | Unfit> {
  const library = await debugLibrary(ruby, spec, look);
  if (library === undefined) return missingDebugger(await gemFolders(ruby, spec, look));
  const env = {
    RUBY_DEBUG_HOST: '127.0.0.1',
    RUBY_DEBUG_PORT: String(port),
    RUBY_DEBUG_OPEN: 'true',
    RUBY_DEBUG_NONSTOP: 'true',
  };
  const { rubyAt } = command;
  if (line !== undefined && rubyAt !== undefined) {
    const words = line.words.toSpliced(rubyAt + 1, 0, `-r${library}`);
    return { command: line.with(words), env };
  }
  const before = look.env['RUBYOPT'] ?? '';
  return { command: { command: spec.command }, env: { ...env, RUBYOPT: `${before} -r${library}`.trim() } };
}

function missingDebugger(looked: readonly string[]): Unfit {
  return unfit({
    code: 'missing-program',
    params: {
      what: 'The debugger of Ruby',
      programs: ['the gem "debug"'],
      looked,
      install: 'Run "gem install debug" with the Ruby of this service.',
    },
  });
}

/** `DEBUGGER: Debugger can attach via TCP/IP (127.0.0.1:12345)`. */
export function readAddress(line: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^DEBUGGER: Debugger can attach via TCP\/IP \((.+):(\d+)\)$/.exec(line.trim());
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { host: match[1], port: Number(match[2]) };
}
