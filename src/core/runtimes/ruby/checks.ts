/** What has to be there before a Ruby command can start: its program, its script, its gems. */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { isSettled } from '../common/line.ts';
import { isMade, missingEntry, unfit } from '../common/unfit.ts';
import type { Look, Unfit } from '../recipe.ts';
import type { RubyCommand } from './command.ts';
import { gemfileOf, missingGems } from './gems.ts';
import type { RubyFound } from './interpreter.ts';

export async function checkCommand(
  spec: ServiceSpec,
  look: Look,
  command: RubyCommand,
  ruby: RubyFound,
): Promise<Unfit | undefined> {
  const { bundled, script, tool } = command;
  // A build may bring all of it.
  if (isMade(spec)) return undefined;
  if (script !== undefined && isSettled(script)) {
    const path = resolvePath(spec.cwd, script);
    // What Bundler is given may be a gem's program.
    if (!(bundled && command.rubyAt === undefined) && (await look.kind(path)) === undefined) {
      return missingEntry(spec, script, path);
    }
  }
  if (tool !== undefined) {
    const found = await look.program([tool], ruby.path);
    if (found.kind === 'nowhere') return missingTool(tool, found.looked, await gemfileOf(spec, look));
  }
  return bundled ? missingGems(spec, look, ruby, tool ?? 'bundle') : undefined;
}

function missingTool(tool: string, looked: readonly string[], gemfile: unknown): Unfit {
  const install =
    tool === 'bundle' || tool === 'bundler'
      ? 'Run "gem install bundler", or install your system\'s package of it (ruby-bundler).'
      : gemfile === undefined
        ? `Run "gem install ${tool}", or correct the command.`
        : `Write "bundle exec ${tool}" if the Gemfile has it, or run "gem install ${tool}".`;
  return unfit({
    code: 'missing-program',
    params: { what: tool, programs: [tool], looked, install },
  });
}
