/**
 * The command of a service that comes from an `app.yaml`: its `entrypoint`, else what App Engine itself would start.
 * Looks for what is there and starts nothing.
 */

import { resolvePath } from '../../../base/path.ts';
import { splitCommand } from '../../words.ts';
import type { LoadInput } from '../../input.ts';
import type { HandshakeName } from '../../spec.ts';

export interface Commanded {
  readonly command: readonly string[];
  readonly shell: boolean;
  /** Nobody wrote it: why it is this one. */
  readonly proposed?: string;
  /** Where the command decides it. */
  readonly handshake?: HandshakeName;
}

/** What only a shell understands. */
const forShell = /[$&|;<>`*?~#()\n]|^\s*[A-Za-z_]\w*=/;

/** Of an `entrypoint`. Python's goes through a shell in any case (RT-9), others where they need one. */
export function commandOfEntrypoint(text: string, recipe: string): Commanded | { readonly wrong: string } {
  // A custom runtime learns its port from its arguments, and what it is told from its standard input (RT-4).
  if (recipe === 'custom' && text.includes('{port}')) return split(text, 'reverse-no-file');
  if (recipe === 'python' || forShell.test(text)) return { command: [text], shell: true, ...portFor(recipe) };
  return split(text, recipe === 'custom' ? 'port' : undefined);
}

function portFor(recipe: string): { readonly handshake?: HandshakeName } {
  return recipe === 'custom' ? { handshake: 'port' } : {};
}

function split(text: string, handshake: HandshakeName | undefined): Commanded | { readonly wrong: string } {
  // Each dollar sign stands for itself: `$$` is how the splitter knows it.
  const words = splitCommand(text.replaceAll('$', '$$$$'), () => undefined);
  if (words.unsplit !== undefined) return { wrong: words.unsplit };
  if ((words.words[0] ?? '').trim() === '') return { wrong: 'it names no program' };
  return {
    command: words.words,
    shell: false,
    ...(handshake === undefined ? {} : { handshake }),
  };
}

export interface Without {
  readonly recipe: string;
  /** The application's folder. */
  readonly root: string;
  /** `runtime_config.document_root`, for PHP. */
  readonly documentRoot?: string;
  readonly main?: string;
  readonly input: Pick<LoadInput, 'readFile' | 'kindOf' | 'list'>;
  /** Collects the absolute paths that the choice depends on. */
  readonly consulted: string[];
}

/** What App Engine starts where there is no entrypoint; undefined: it starts nothing without one. */
export function commandWithout(around: Without): Commanded | undefined {
  const { recipe, root, main } = around;
  switch (recipe) {
    case 'python':
      return {
        command: ['gunicorn -b :${PORT} main:app'],
        shell: true,
        proposed: 'app.yaml has no entrypoint, and this is the one of App Engine',
      };
    case 'node':
      return hasStartScript(around)
        ? { command: ['npm', 'start'], shell: false, proposed: 'package.json has a script "start"' }
        : {
            command: ['node', 'server.js'],
            shell: false,
            proposed: 'app.yaml has no entrypoint, and this is the one of App Engine',
          };
    case 'go':
      return {
        command: ['go', 'run', main === undefined || main === '.' ? '.' : asPath(main)],
        shell: false,
        proposed: 'app.yaml has no entrypoint, so the main package is built and run',
      };
    case 'java':
      return javaCommand(around);
    case 'php':
      return phpCommand(around);
    case 'ruby':
      return there(around, resolvePath(root, 'Gemfile'))
        ? {
            command: ['bundle', 'exec', 'rackup', '--host', '127.0.0.1', '--port', '{port}'],
            shell: false,
            proposed: 'app.yaml has no entrypoint, and there is a Gemfile',
          }
        : {
            command: ['rackup', '--host', '127.0.0.1', '--port', '{port}'],
            shell: false,
            proposed: 'app.yaml has no entrypoint, and this is the one of App Engine',
          };
    default:
      return undefined;
  }
}

/** Go takes `cmd/web` for a package of its library. */
function asPath(folder: string): string {
  return /^\.{0,2}\//.test(folder) ? folder : `./${folder}`;
}

function there({ input, consulted }: Without, path: string): boolean {
  consulted.push(path);
  return input.kindOf?.(path) === 'other';
}

function hasStartScript({ root, input, consulted }: Without): boolean {
  const path = resolvePath(root, 'package.json');
  consulted.push(path);
  const text = input.readFile(path);
  if (typeof text !== 'string') return false;
  try {
    const value: unknown = JSON.parse(text);
    const scripts = isRecord(value) ? value['scripts'] : undefined;
    return isRecord(scripts) && typeof scripts['start'] === 'string';
  } catch {
    // It is no JSON yet; npm says so at the start.
    return true;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

const isJar = (name: string): boolean => /(?<!-sources|-javadoc|-plain)\.jar$/.test(name);

function javaCommand({ root, input, consulted }: Without): Commanded {
  for (const folder of ['.', 'target', 'build/libs']) {
    const path = resolvePath(root, folder);
    consulted.push(path);
    const jar = input.list?.(path)?.find(isJar);
    if (jar === undefined) continue;
    const file = folder === '.' ? jar : `${folder}/${jar}`;
    return { command: ['java', '-jar', file], shell: false, proposed: `there is ${file}` };
  }
  return {
    command: ['java', '-jar', 'target/app.jar'],
    shell: false,
    proposed: 'app.yaml has no entrypoint, and no jar is built yet',
  };
}

function phpCommand(around: Without): Commanded {
  const { root, documentRoot } = around;
  const folders = documentRoot === undefined ? ['public', 'web', '.'] : [documentRoot];
  const folder =
    folders.find((each) => there(around, resolvePath(root, `${each}/index.php`))) ?? folders.at(-1) ?? '.';
  const index = folder === '.' ? 'index.php' : `${folder}/index.php`;
  return {
    command: ['php', '-S', '127.0.0.1:{port}', '-t', folder, index],
    shell: false,
    proposed: `app.yaml has no entrypoint, and ${index} is the front controller`,
  };
}
