import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEnvFile } from '../../src/config/envfile.ts';
import { expand } from '../../src/config/expand.ts';
import { configCandidates, configFileNames, findConfig } from '../../src/config/find.ts';
import { runtimeOf } from '../../src/config/recipe.ts';
import { bytes, milliseconds } from '../../src/config/units.ts';
import { expandShellText, splitCommand } from '../../src/config/words.ts';
import * as ids from '../../src/manifest/ids.ts';

test('durations are milliseconds', () => {
  const cases: readonly (readonly [string | number, number | undefined])[] = [
    ['250ms', 250],
    ['5s', 5000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    [3, 3000],
    [0.25, 250],
    [0, 0],
    ['5', undefined],
    ['5 s', undefined],
    ['-1s', undefined],
    [-1, undefined],
    ['', undefined],
  ];
  assert.deepEqual(
    cases.map(([written]) => [written, milliseconds(written)]),
    cases,
  );
});

test('sizes are bytes, by the thousand and twenty-four', () => {
  const cases: readonly (readonly [string | number, number | undefined])[] = [
    ['10MB', 10_485_760],
    ['512KB', 524_288],
    ['1GB', 1_073_741_824],
    ['1.5kb', 1536],
    ['100', 100],
    [100, 100],
    ['10 parsecs', undefined],
    [-1, undefined],
  ];
  assert.deepEqual(
    cases.map(([written]) => [written, bytes(written)]),
    cases,
  );
});

const variables: Readonly<Record<string, string>> = { A: '1', EMPTY: '', SPACED: 'x  y', QUOTE: `it's "so"` };
const lookup = (name: string): string | undefined =>
  Object.hasOwn(variables, name) ? variables[name] : undefined;

test('variables are filled into texts', () => {
  const cases: readonly (readonly [string, string, readonly string[], string?])[] = [
    ['plain', 'plain', []],
    ['a${A}b${A}', 'a1b1', []],
    ['${EMPTY}', '', []],
    ['${EMPTY:-other}', 'other', []],
    ['${NONE:-other}', 'other', []],
    ['${NONE:-}', '', []],
    ['${NONE:-${A}}!', '1!', []],
    ['${NONE:-${NEITHER}}', '', ['NEITHER']],
    ['${NONE} ${NONE}', ' ', ['NONE']],
    ['${A:-${NONE}}', '1', []],
    ['$$', '$', []],
    ['$${A}', '${A}', []],
    ['$$$${A}', '$${A}', []],
    ['${NONE:-$$}', '$', []],
    ['$A and $', '$A and $', []],
    ['{port} $(date)', '{port} $(date)', []],
    ['${A', '${A', [], '${'],
    ['${A-b}', '${A-b}', [], '${A-b}'],
    ['${1}${A}', '${1}1', [], '${1}'],
    ['${NONE:-${x y}}', '${NONE:-${x y}}', [], '${NONE:-${x y}'],
    ['${constructor}', '', ['constructor']],
  ];
  const outcomes = cases.map(([text]) => {
    const { text: outcome, unset, strange } = expand(text, lookup);
    return strange === undefined ? [text, outcome, unset] : [text, outcome, unset, strange];
  });
  assert.deepEqual(outcomes, cases);
});

test('a text of many opened variables costs no more than its length', () => {
  const text = '${A:-'.repeat(20_000);
  assert.equal(expand(text, lookup).text, text);
});

test('a command is split as a POSIX shell splits, and what is filled in stays one word', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['node server.js', ['node', 'server.js']],
    [`  node  'a b' "c d" e\\ f ''  `, ['node', 'a b', 'c d', 'e f', '']],
    ['run\n  --fast', ['run', '--fast']],
    ['run ${SPACED} "${SPACED}" \'${SPACED}\'', ['run', 'x  y', 'x  y', 'x  y']],
    ['run --say=${QUOTE}', ['run', `--say=it's "so"`]],
    ['run ${NONE:-a b}', ['run', 'a b']],
    ['run $HOME $$HOME $${A}', ['run', '$HOME', '$HOME', '${A}']],
    ['run ${EMPTY} x', ['run', '', 'x']],
    ['run #not-a-comment', ['run', '#not-a-comment']],
    ['run {port}', ['run', '{port}']],
  ];
  assert.deepEqual(
    cases.map(([text]) => [text, splitCommand(text, lookup).words]),
    cases,
  );
});

test('a command that ends in the middle is not split', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['echo "x', 'a quote in it is not closed'],
    ["echo 'x", 'a quote in it is not closed'],
    ['echo x\\', 'a backslash at its end stands before nothing'],
    ['echo \0', 'it contains a NUL character'],
  ];
  assert.deepEqual(
    cases.map(([text]) => [text, splitCommand(text, lookup).unsplit]),
    cases,
  );
});

test('in a text for a shell we fill in what we know and leave the rest to the shell', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['echo ${A} $A $(date) `x` "$HOME"', 'echo 1 $A $(date) `x` "$HOME"'],
    ['for i in 1 2; do echo ${i}; done', 'for i in 1 2; do echo ${i}; done'],
    ['echo ${NONE:-x} ${x%.*}', 'echo x ${x%.*}'],
    ['echo $$', 'echo $'],
  ];
  assert.deepEqual(
    cases.map(([text]) => [text, ...expandShellText(text, lookup).words]),
    cases,
  );
});

test('an environment file gives its variables', () => {
  const cases: readonly (readonly [string, string, Readonly<Record<string, string>>, readonly number[]])[] = [
    ['plain lines', 'A=1\nB = two words \n', { A: '1', B: 'two words' }, []],
    ['comments and blank lines', '# c\n\n  # d\nA=1 # e\nB=#f\nC=x#y\n', { A: '1', B: '', C: 'x#y' }, []],
    ['export', 'export A=1\nexport\tB=2\nexporter=3\n', { A: '1', B: '2', exporter: '3' }, []],
    ['single quotes', `A='x # y \\n $B'\n`, { A: 'x # y \\n $B' }, []],
    ['double quotes', `A="x\\n\\"y\\"\\\\ \\$ \\q" # c\n`, { A: 'x\n"y"\\ $ \\q' }, []],
    ['several lines in quotes', `A="1\n2"\nB='3\n4'\nC=5\n`, { A: '1\n2', B: '3\n4', C: '5' }, []],
    ['Windows line ends and a mark at the start', '\uFEFFA=1\r\nB=2\r\n', { A: '1', B: '2' }, []],
    ['the last one wins', 'A=1\nA=2', { A: '2' }, []],
    ['nothing is expanded', 'A=${B}$C', { A: '${B}$C' }, []],
    ['lines that are none', 'A\n=1\n1A=2\nB=3\nC="open\nD=4', { B: '3', D: '4' }, [1, 2, 3, 5]],
    ['text after a quote', `A="1"2\nB='1' # fine`, { B: '1' }, [1]],
    ['an empty value', 'A=\nB=""\nC=1', { A: '', B: '', C: '1' }, []],
    ['a name from a prototype', '__proto__x=1\nconstructor=2', { __proto__x: '1', constructor: '2' }, []],
    ['nothing', '', {}, []],
  ];
  assert.deepEqual(
    cases.map(([title, text]) => {
      const { values, strange } = parseEnvFile(text);
      return [title, text, values, strange];
    }),
    cases,
  );
});

test('the runtime is known by the first word of the command', () => {
  const cases: readonly (readonly [readonly string[], boolean, string])[] = [
    [['node', 'a.js'], false, 'node'],
    [['/usr/bin/nodejs'], false, 'node'],
    [['C:\\Program Files\\node.exe', 'x'], false, 'node'],
    [['npm.cmd', 'start'], false, 'node'],
    [['pnpm', 'dev'], false, 'node'],
    [['tsx', 'a.ts'], false, 'node'],
    [['python3.12', 'a.py'], false, 'python'],
    [['.venv/bin/python', 'a.py'], false, 'python'],
    [['uv', 'run', 'x'], false, 'python'],
    [['pythonista'], false, 'custom'],
    [['flask', 'run'], false, 'python'],
    [['.venv/bin/uvicorn', 'main:app'], false, 'python'],
    [['./manage.py', 'runserver'], false, 'python'],
    [['go', 'run', '.'], false, 'go'],
    [['./mvnw', 'spring-boot:run'], false, 'java'],
    [['/usr/lib/jvm/17/bin/java', '-jar', 'x'], false, 'java'],
    [['php8.2', '-S', ':80'], false, 'php'],
    [['/usr/bin/php-cgi8.2'], false, 'php'],
    [['bin/rails', 's'], false, 'ruby'],
    [['bundle', 'exec', 'puma'], false, 'ruby'],
    [['node_modules/.bin/vite'], false, 'node'],
    [['deno', 'run', 'x'], false, 'custom'],
    [['bun', 'run', 'x'], false, 'custom'],
    [['./server'], false, 'custom'],
    [['./serve'], false, 'custom'],
    [['../tools/next'], false, 'custom'],
    [['NODE_ENV=test exec node a.js'], true, 'node'],
    [['cd x && node a.js'], true, 'custom'],
    [[], false, 'custom'],
  ];
  assert.deepEqual(
    cases.map(([words, shell]) => [words, shell, runtimeOf(words, shell)]),
    cases,
  );
});

test('what another extension brings is known by its programs, which take no word of ours', () => {
  const recipes = [{ name: 'deno', title: 'Deno', programs: ['deno', 'node'] }];
  assert.deepEqual(
    [['deno', 'run'], ['node', 'x'], ['bun']].map((words) => runtimeOf(words, false, recipes)),
    ['deno', 'node', 'custom'],
  );
});

test('the config is found at the root of the folder, then in .vscode, and hides what is foreign', () => {
  const root = '/w/runtimes.yaml';
  const drawer = '/w/.vscode/runtimes.yaml';
  const foreign = '/w/supervisord.conf';
  const deeper = '/w/etc/supervisord.conf';
  const project = ['app.yaml', 'app.yml', 'dispatch.yaml'].map((name) => `/w/${name}`);
  assert.deepEqual(configCandidates('/w'), [root, drawer, foreign, deeper, ...project]);
  const cases = [[root, drawer], [drawer, foreign], [root], [deeper, foreign], [deeper], []];
  assert.deepEqual(
    cases.map((files) => findConfig('/w', (path) => files.includes(path))),
    [root, drawer, root, foreign, deeper, undefined],
  );
  assert.deepEqual(configFileNames, ids.configFileNames);
});
