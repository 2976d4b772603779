import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EditorFacts, interpreterCandidates, type SettingLayers } from '../../src/view/interpreters.ts';

function candidates(
  settings: Readonly<Record<string, SettingLayers>>,
  more: Partial<EditorFacts> = {},
): Readonly<Record<string, readonly string[]>> {
  const all = interpreterCandidates({
    trusted: true,
    folder: '/home/ann/shop',
    home: '/home/ann',
    environment: { SDK: '/opt/sdk' },
    windows: false,
    setting: (key) => settings[key] ?? {},
    active: {},
    ...more,
  });
  return Object.fromEntries(Object.entries(all).filter(([, paths]) => paths.length > 0));
}

test('the environment that the Python extension has selected is meant before its setting', () => {
  const settings = { 'python.defaultInterpreterPath': { user: '/usr/bin/python3.11' } };
  assert.deepEqual(candidates(settings), { python: ['/usr/bin/python3.11'] });
  assert.deepEqual(candidates(settings, { active: { python: '/home/ann/shop/.venv/bin/python' } }), {
    python: ['/home/ann/shop/.venv/bin/python', '/usr/bin/python3.11'],
  });
});

test('a word that the PATH would be asked for names no interpreter', () => {
  assert.deepEqual(
    candidates(
      {
        'python.defaultInterpreterPath': { user: 'python' },
        'go.alternateTools': { user: { go: 'go1.21', dlv: '/opt/dlv' } },
        'php.executablePath': { user: '' },
        'php.validate.executablePath': { user: null },
      },
      { active: { python: 'python' } },
    ),
    {},
  );
});

test('each extension’s own setting leads to the program', () => {
  assert.deepEqual(
    candidates({
      'go.alternateTools': { user: { go: '/opt/go1.22/bin/go' } },
      'go.goroot': { user: '/opt/go' },
      'java.configuration.runtimes': {
        user: [
          { name: 'JavaSE-11', path: '/jdk/11' },
          { name: 'JavaSE-17', path: '/jdk/17', default: true },
        ],
      },
      'java.jdt.ls.java.home': { user: '/jdk/21' },
      'php.debug.executablePath': { user: '/usr/bin/php8.2' },
      'rubyLsp.rubyExecutablePath': { user: '/opt/ruby/bin' },
    }),
    {
      go: ['/opt/go1.22/bin/go', '/opt/go/bin/go'],
      java: ['/jdk/17/bin/java', '/jdk/21/bin/java'],
      php: ['/usr/bin/php8.2'],
      ruby: ['/opt/ruby/bin', '/opt/ruby/bin/ruby'],
    },
  );
});

test('on Windows the program in a home has its ending', () => {
  assert.deepEqual(
    candidates({ 'go.goroot': { user: 'C:\\Go' } }, { windows: true, folder: 'C:\\shop', home: 'C:\\ann' }),
    { go: ['C:\\Go\\bin\\go.exe'] },
  );
});

test('variables are filled in as in the editor, and a path with one that is not set is left out', () => {
  const python = (user: string): readonly string[] | undefined =>
    candidates({ 'python.defaultInterpreterPath': { user } })['python'];
  assert.deepEqual(python('${workspaceFolder}/.venv/bin/python'), ['/home/ann/shop/.venv/bin/python']);
  assert.deepEqual(python('~/py/bin/python'), ['/home/ann/py/bin/python']);
  assert.deepEqual(python('${userHome}/py'), ['/home/ann/py']);
  assert.deepEqual(python('${env:SDK}/python'), ['/opt/sdk/python']);
  assert.deepEqual(python('./venv/bin/python'), ['/home/ann/shop/venv/bin/python']);
  assert.equal(python('${env:NOPE}/python'), undefined);
  assert.equal(python('${config:nope}/python'), undefined);
});

test('the nearest setting counts, and in a workspace that is not trusted only the person’s own', () => {
  const layers = { user: '/user/python', workspace: '/workspace/python', folder: '/folder/python' };
  const settings = { 'python.defaultInterpreterPath': layers };
  assert.deepEqual(candidates(settings)['python'], ['/folder/python']);
  const { folder: _folder, ...rest } = layers;
  assert.deepEqual(candidates({ 'python.defaultInterpreterPath': rest })['python'], ['/workspace/python']);
  assert.deepEqual(candidates(settings, { trusted: false })['python'], ['/user/python']);
  assert.deepEqual(
    candidates({ 'python.defaultInterpreterPath': { folder: '/folder/python' } }, { trusted: false }),
    {},
  );
});
