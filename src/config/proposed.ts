/** The command of a service that says none: what is proposed for its folder, or a problem that says what was looked for. */

import { isAbsolutePath } from '../base/path.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { suggestionIn } from '../faults/suggestion.ts';
import { byRecipe, servicesOf, telltales, telltalesOf, usualSigns } from './detect/detect.ts';
import type { Folder } from './detect/folder.ts';
import type { Proposal } from './detect/proposal.ts';
import type { LoadInput } from './input.ts';
import type { RecipeDefinition } from './registered.ts';
import type { RawService } from './schema.ts';
import { recipeNames } from './schema/runtime.ts';
import type { At, Tree } from './tree.ts';

export interface Lacking {
  readonly raw: Partial<RawService>;
  /** Its name, as somebody may have named a part of the project. */
  readonly name: string;
  readonly source: At;
  /** As in a message: `Service "web"`. */
  readonly owner: string;
  /** It runs in; absent where nobody can tell what is there. */
  readonly folder: Folder | undefined;
  /** What it says of that folder. */
  readonly cwd: Tree | undefined;
  /** What there is of an absolute path; absent where nobody can tell. */
  readonly kind: LoadInput['kindOf'];
  /** Absent where nobody knows which there are. */
  readonly recipes: readonly RecipeDefinition[] | undefined;
  readonly windows: boolean;
}

/** The languages of our recipes, with a command in each. */
const languages: Readonly<Record<string, { readonly title: string; readonly command: string }>> = {
  node: { title: 'Node.js', command: 'node server.js --port {port}' },
  python: { title: 'Python', command: 'python3 main.py' },
  go: { title: 'Go', command: 'go run .' },
  java: { title: 'Java', command: 'java -jar app.jar' },
  php: { title: 'PHP', command: 'php -S 127.0.0.1:{port}' },
  ruby: { title: 'Ruby', command: 'ruby app.rb' },
  custom: { title: '', command: './server --port {port}' },
  generic: { title: '', command: './server --port {port}' },
};

/** @param problems Of this service, as far as they are known. */
export function proposalFor(
  { raw, name, source, owner, folder, cwd, kind, recipes, windows }: Lacking,
  problems: Problem[],
): Proposal | undefined {
  if (raw.fastcgi !== undefined && [undefined, 'php'].includes(raw.runtime)) return phpCgi;
  const unfit = folder && kind && unfitFolder(folder, cwd, kind);
  if (unfit !== undefined) {
    problems.push(unfit);
    return undefined;
  }
  const meant = problems.some((each) => each.code === 'unknown-key' && suggestionIn(each) === 'command');
  const all = folder === undefined || meant ? [] : servicesOf(folder, { windows, recipes: recipes ?? [] });
  const fitting = raw.runtime === undefined ? all : all.filter(({ runtime }) => runtime === raw.runtime);
  const found = fitting.find((each) => each.name === name) ?? fitting[0];
  if (found !== undefined) return found;
  const brought = recipes?.find((each) => each.name === raw.runtime);
  const [usual] = brought === undefined ? [] : byRecipe(brought, `the recipe ${brought.title} says so`);
  if (usual !== undefined) return usual;
  // The recipe of an extension that is not known here may have a command.
  if (recipes === undefined && raw.runtime !== undefined && !recipeNames.includes(raw.runtime))
    return undefined;
  problems.push(
    problem('missing-key', source, {
      key: 'command',
      where: owner,
      example: `command: ${languages[raw.runtime ?? 'node']?.command ?? './server --port {port}'}`,
      ...(folder === undefined || meant ? {} : looked(folder, raw.runtime, brought)),
    }),
  );
  return undefined;
}

/** What there is of the folder that it names, where that is no folder. */
function unfitFolder(
  folder: Folder,
  cwd: Tree | undefined,
  kind: NonNullable<LoadInput['kindOf']>,
): Problem | undefined {
  if (cwd?.kind !== 'scalar') return undefined;
  // That it comes is news.
  folder.isFolder('.');
  const found = kind(folder.path);
  if (found === 'folder') return undefined;
  const reason =
    found === undefined ? `the folder ${cwd.text} does not exist` : `${cwd.text} is a file, and no folder`;
  const hint = 'A path that does not begin with / is looked for in the folder of this file.';
  return problem('bad-value', cwd.at, { key: 'cwd', reason, ...(isAbsolutePath(cwd.text) ? {} : { hint }) });
}

/** What of it is there and does not suffice, else what was looked for. */
function looked(
  folder: Folder,
  runtime: string | undefined,
  brought: RecipeDefinition | undefined,
): { readonly looked?: string } {
  const { path } = folder;
  const marks = runtime === undefined ? telltales : (brought?.detects ?? telltalesOf[runtime] ?? []);
  const there = marks.find((each) => folder.has(each));
  if (there !== undefined)
    return { looked: `There is a ${there} in ${path}, and nothing in it or beside it says what to run` };
  if (runtime === undefined)
    return { looked: `Nothing that is recognised is in ${path}, such as ${usualSigns}` };
  const title = brought?.title ?? languages[runtime]?.title ?? '';
  return title === '' ? {} : { looked: `Nothing of ${title} was found in ${path}` };
}

const phpCgi: Proposal = {
  name: 'php',
  runtime: 'php',
  command: 'php-cgi -b 127.0.0.1:{port}',
  because: 'the service speaks FastCGI',
  sure: true,
};
