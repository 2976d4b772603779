import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sectionKinds } from '../../src/config/formats/supervisord/options.ts';
import { anyMachine } from '../../src/config/input.ts';
import { loadConfig } from '../../src/config/load.ts';
import { serviceName } from '../../src/config/links.ts';
import type { Config } from '../../src/config/spec.ts';

const whole = `; a file with something of everything
[unix_http_server]
file = %(here)s/s.sock ; here
[supervisord]
environment=A="1",B='%(ENV_X)s'
directory=/tmp
[program:web]
command=/bin/sh -c "echo %(process_num)02d"
  and more
numprocs=2
process_name=%(program_name)s_%(process_num)02d
stdout_logfile=%(here)s/%(program_name)s.log
environment=C="d,e",F=g
exitcodes=0,2
[fcgi-program:php]
command=php-cgi
socket=unix:///tmp/%(program_name)s.sock
[eventlistener:ear]
command=ear
events=TICK_5,PROCESS_STATE
[group:both]
programs=web,php
[include]
files=conf.d/*.conf %(here)s/more.ini
`;

const options = sectionKinds.flatMap(({ options: table }) => Object.keys(table ?? {}));
const bits = [
  ...options,
  ...sectionKinds.map(({ title }) => `\n[${title}]\n`),
  ...['=', ':', '\n', '\r\n', '\n  ', '\t', ';', ' ;', ' #', '[', ']', '"', "'", '\\', ',', '%', '%%', '%('],
  ...['%(here)s', '%(nope)s', '%(ENV_X)s', '%(process_num)', '%(process_num)99999d', '%(here)*d', '%s', '\0'],
  ...[
    '\uFEFF',
    '😀',
    '\uD800',
    '1',
    '-1',
    '1e9',
    '99999999999999999999',
    '5MB',
    'true',
    'TERM',
    'AUTO',
    'a,a',
    '~',
  ],
  ...[
    '[DEFAULT]\n',
    '__proto__',
    'constructor',
    '__proto__=1\n',
    '[program:__proto__]\ncommand=x\n',
    '/',
    'x y',
  ],
];

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...bits), { maxLength: 60 }).map((parts) => parts.join('')),
  // The ways a text is on its way from one whole config to another.
  fc.nat(whole.length).map((end) => whole.slice(0, end)),
  fc
    .tuple(fc.nat(whole.length), fc.nat(20), fc.constantFrom(...bits))
    .map(([at, length, bit]) => whole.slice(0, at) + bit + whole.slice(at + length)),
);

const mains = ['/w/supervisord.conf', '/w/two.ini', '/w/three.yaml'] as const;
const included = '/w/conf.d/in.conf';

function load(contents: readonly string[], inner: string): Config {
  return loadConfig({
    folder: '/w',
    files: contents.map((text, index) => ({ path: mains[index] ?? '', text })),
    environment: { X: 'x', HOME: '/h' },
    readFile: () => inner,
    machine: {
      ...anyMachine,
      glob: () => [included, mains[0]],
      isFolder: (path) => path !== '/',
      hasUser: (name) => name !== '1',
      homeOf: () => '/h',
    },
  });
}

function misplaced(config: Config, contents: ReadonlyMap<string, string>): readonly unknown[] {
  return config.problems.filter((each) => {
    const lines = contents.get(each.file)?.split('\n');
    const first = lines?.[each.line - 1];
    const last = lines?.[each.endLine - 1];
    if (first === undefined || last === undefined) return true;
    const inside = each.column >= 1 && each.column <= first.length + 1 && each.endColumn <= last.length + 1;
    const ordered = each.endLine > each.line || (each.endLine === each.line && each.endColumn >= each.column);
    return !inside || !ordered;
  });
}

test('whatever the texts, there is an answer, and every problem lies within its file (SV-55)', () => {
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 3 }), texts, (contents, inner) => {
      const config = load(contents, inner);
      const all = new Map<string, string>([
        ...mains.map((path, index) => [path, contents[index] ?? ''] as const),
        [included, inner],
      ]);
      // What includes itself is read as it was handed in the first time, and as it is found the second.
      if (contents[0] !== inner) all.delete(mains[0]);
      const others = config.problems.filter(({ file }) => all.has(file));
      assert.deepEqual(misplaced({ ...config, problems: others }, all), []);
      const names = config.services.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, 'no two services have one name');
      for (const {
        name,
        command,
        cwd,
        instances,
        program,
        startMs,
        stopMs,
        startRetries,
      } of config.services) {
        assert.match(name, serviceName);
        assert.ok(command.length > 0 && (program !== undefined || command[0] !== ''));
        assert.ok(cwd.startsWith('/'));
        assert.ok(startMs >= 0 && stopMs >= 0 && startRetries >= 0);
        if (program === undefined) continue;
        assert.equal(program.processes.length, instances);
        for (const process of program.processes)
          assert.equal(process.command.length === 0, process.unrunnable !== undefined);
      }
      const processes = config.services.flatMap(({ program }) =>
        (program?.processes ?? []).map((process) => `${program?.group}:${process.name}`),
      );
      const fromOne = contents.filter((_, index) => mains[index]?.endsWith('.yaml') !== true).length === 1;
      if (fromOne) assert.equal(new Set(processes).size, processes.length, 'no two processes have one name');
    }),
    { numRuns: 2000 },
  );
});

// Were one of them looked at again for each of its characters, there would be no answer before the test's limit.
test('a file without end is answered, too', () => {
  const long = 100_000;
  for (const text of [
    `[supervisord]\n${'a'.repeat(long)}`,
    `[supervisord]\n${' '.repeat(long)}x=1\n${' '.repeat(long)}`,
    `[supervisord]\n[program:x]\ncommand=${'; # '.repeat(long)}`,
    `[supervisord]\n[program:x]\ncommand=${'a;b#c'.repeat(long)}`,
    `[supervisord]\n[program:x]\ncommand=${'%%'.repeat(long)}`,
    `[supervisord]\n[program:x]\ncommand=x\nenvironment=${'A=1,'.repeat(long / 10)}`,
    `[supervisord]\n${'[program:x]\ncommand=x\n'.repeat(long / 10)}`,
    `[supervisord]\n[program:x]\ncommand=x\nnumprocs=1000\nprocess_name=%(process_num)d\nenvironment=${'A=1,'.repeat(100)}`,
    '['.repeat(long),
    '%('.repeat(long),
  ]) {
    const { files } = load([text], '');
    assert.equal(files[0], mains[0], text.slice(0, 60));
  }
});
