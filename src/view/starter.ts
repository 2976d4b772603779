/** The first `runtimes.yaml` of a folder, from what is seen in it. Knows nothing of how the folder is read. */

export interface FolderFacts {
  /** The text of its package.json. */
  readonly packageJson?: string;
  /** Names of the files at its top. */
  readonly names: readonly string[];
}

interface Guess {
  readonly name: string;
  readonly command: string;
  /** Further lines of the service, already in YAML. */
  readonly more?: readonly string[];
}

const discover = 'handshake: discover';

/** The whole text, with a service for what was recognised, or one to fill in. */
export function starterConfig(facts: FolderFacts): string {
  const guesses = guessesFrom(facts);
  const services = guesses.length > 0 ? guesses : [{ name: 'web', command: 'node server.js' }];
  return [
    '# The services of this folder. Hover a key to read what it does; Ctrl+Space lists them.',
    '# Each one is told its port in $PORT ({port} in a command is replaced, too), and is reached',
    '# at an address that stays the same over restarts.',
    'version: 1',
    '',
    'services:',
    ...services.flatMap(({ name, command, more = [] }) => [
      `  ${name}:`,
      `    command: ${scalar(command)}`,
      ...more.map((line) => `    ${line}`),
    ]),
    '    # instances: 2          # share the requests over two processes',
    ...(services.at(-1)?.more?.includes(discover) === true
      ? []
      : [`    # ${discover}   # for a server that chooses its own port`]),
    '    # env:',
    '    #   LOG_LEVEL: debug',
    '',
  ].join('\n');
}

function guessesFrom({ packageJson, names }: FolderFacts): readonly Guess[] {
  const has = (name: string): boolean => names.includes(name);
  const script = scriptOf(packageJson);
  const guesses: Guess[] = [];
  // Most dev servers take PORT as a hint at best, so their port is looked up rather than believed.
  if (script !== undefined) guesses.push({ name: 'web', command: `npm run ${script}`, more: [discover] });
  else if (has('server.js')) guesses.push({ name: 'web', command: 'node server.js' });
  if (has('manage.py'))
    guesses.push({ name: 'django', command: 'python3 manage.py runserver 127.0.0.1:{port} --noreload' });
  else if (has('app.py')) guesses.push({ name: 'app', command: 'python3 app.py' });
  if (has('go.mod')) guesses.push({ name: 'go', command: 'go run .' });
  if (has('Cargo.toml')) guesses.push({ name: 'rust', command: 'cargo run' });
  return guesses;
}

const preferredScripts = ['dev', 'start', 'serve'] as const;

function scriptOf(packageJson: string | undefined): string | undefined {
  if (packageJson === undefined) return undefined;
  const scripts = parsedScripts(packageJson);
  return preferredScripts.find((name) => scripts.has(name));
}

function parsedScripts(text: string): ReadonlySet<string> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('scripts' in parsed)) return new Set();
    const { scripts } = parsed;
    return new Set(typeof scripts === 'object' && scripts !== null ? Object.keys(scripts) : []);
  } catch {
    // A package.json that is no JSON is somebody else's problem; we only looked for a hint.
    return new Set();
  }
}

/** Quotes a command that YAML would read as something else. */
function scalar(text: string): string {
  return /[:#{}[\],&*!|>'"%@`]/.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
}
