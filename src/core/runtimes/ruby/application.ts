/** What starts a Ruby application of App Engine that names no entrypoint: what its own files offer. */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { missingEntry } from '../common/unfit.ts';
import type { Look, Unfit } from '../recipe.ts';

/** In the order in which they are looked for. */
const entries: readonly (readonly [file: string, command: string])[] = [
  ['bin/rails', 'bin/rails server -b 127.0.0.1 -p $PORT'],
  ['config.ru', 'rackup -o 127.0.0.1 -p $PORT'],
  ['app.rb', 'ruby app.rb'],
  ['main.rb', 'ruby main.rb'],
];

/** The service as it is to be started. */
export async function applicationCommand(spec: ServiceSpec, look: Look): Promise<ServiceSpec | Unfit> {
  const project = spec.appengine?.project;
  if (project === undefined || project.entrypoint !== undefined || spec.proposed === undefined) return spec;
  const bundled = (await look.kind(resolvePath(spec.cwd, 'Gemfile'))) === 'file';
  for (const [file, command] of entries) {
    if ((await look.kind(resolvePath(spec.cwd, file))) !== 'file') continue;
    const text = bundled ? `bundle exec ${command}` : command;
    return { ...spec, command: [text], shell: spec.shell === false ? true : spec.shell };
  }
  const names = entries.map(([file]) => file).join(', ');
  return missingEntry(
    spec,
    names,
    resolvePath(spec.cwd, 'config.ru'),
    'Write an "entrypoint" into app.yaml.',
  );
}
