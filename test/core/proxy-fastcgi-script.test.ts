/** Which script a path means, as a table over a small tree of files. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileKind } from '../../src/core/outside.ts';
import { findScript, isPhp, type Script } from '../../src/core/proxy/fastcgi-script.ts';

const site = [
  '/w/app.php',
  '/w/blog/index.php',
  '/w/dir.php/inner.php',
  '/w/logo.png',
  '/w/.env',
  '/w/grün.php',
];

interface Tree {
  readonly files?: readonly string[];
  readonly root?: string;
  readonly php?: boolean;
  /** The files among the scripts are served, and this script has the rest. */
  readonly index?: string;
}

/** What is found, and what was looked at. */
async function look(path: string, { files = site, root = '/w', php = true, index }: Tree = {}) {
  const looks: string[] = [];
  const kind = (at: string): FileKind | undefined => {
    if (files.includes(at)) return 'file';
    return files.some((each) => each.startsWith(`${at}/`)) ? 'folder' : undefined;
  };
  const script = await findScript({
    path,
    root,
    php,
    ...(index === undefined ? {} : { index, files: true }),
    look: (at) => {
      looks.push(at);
      return Promise.resolve(kind(at));
    },
  });
  return { script, looks };
}

function found(name: string, rest = ''): Script {
  return { kind: 'script', name, rest };
}

describe('the script that a path means', () => {
  const table: readonly (readonly [path: string, script: Script, tree?: Tree])[] = [
    ['/app.php', found('/app.php')],
    ['/app.php/users/7', found('/app.php', '/users/7')],
    ['/app.php/', found('/app.php', '/')],
    ['//app.php//x', found('/app.php', '//x')],
    ['/./app.php/./x', found('/app.php', '/./x')],
    ['/app.php/other.php', found('/app.php', '/other.php')],
    // A folder may be called anything.
    ['/dir.php/inner.php/x', found('/dir.php/inner.php', '/x')],
    ['/blog/', found('/blog/index.php')],
    ['/blog', { kind: 'folder' }],
    ['/gr%C3%BCn.php', found('/gr\u00C3\u00BCn.php')],
    ['/app%2Ephp%2fa%20b', found('/app.php', '/a b')],
    // The path itself, which PHP says is missing.
    ['/missing.php', found('/missing.php')],
    ['/no/such/thing', found('/no/such/thing')],
    ['/', found('/index.php')],
    // The front controller of the root takes what is no script.
    ['/users/7', found('/index.php', '/users/7'), { files: [...site, '/w/index.php'] }],
    ['/logo.png', found('/index.php', '/logo.png'), { files: [...site, '/w/index.php'] }],
    ['/', found('/index.php'), { files: ['/w/index.php'] }],
    ['/app.php', found('/app.php'), { files: [...site, '/w/index.php'] }],
    // A root may end with a slash, or be the root of all.
    ['/app.php/x', found('/app.php', '/x'), { root: '/w/' }],
    ['/w/app.php', found('/w/app.php'), { root: '/' }],
    // No PHP anywhere: the program is the application.
    ['/users/7%20a', { kind: 'application', path: '/users/7 a' }, { files: ['/w/app.py'], php: false }],
    ['/', { kind: 'application', path: '/' }, { files: [], php: false }],
    ['/app.py', { kind: 'application', path: '/app.py' }, { files: ['/w/app.py'], php: false }],
    // A definition that says so has its files served, hidden ones left out, and a front controller of any name.
    ['/logo.png', { kind: 'file', name: '/logo.png' }, { index: 'index.php' }],
    ['/.env', found('/app.php', '/.env'), { index: 'app.php' }],
    ['/.git/x', found('/app.php', '/.git/x'), { index: 'app.php', files: ['/w/app.php', '/w/.git/x'] }],
    [
      '/.well-known/x',
      { kind: 'file', name: '/.well-known/x' },
      { index: 'app.php', files: ['/w/.well-known/x'] },
    ],
    ['/logo.png/x', found('/app.php', '/logo.png/x'), { index: 'app.php' }],
    ['/', found('/app.php', '/'), { index: './app.php' }],
    [
      '/users/7',
      found('/sub/front.php', '/users/7'),
      { index: 'sub/front.php', files: ['/w/sub/front.php'] },
    ],
    // A wrapper that runs PHP is not called so, but what is there is PHP.
    ['/app.php/x', found('/app.php', '/x'), { php: false }],
  ];
  for (const [path, script, tree] of table) {
    it(`of ${path}${tree === undefined ? '' : ` with ${JSON.stringify(tree)}`}`, async () => {
      assert.deepEqual((await look(path, tree)).script, script);
    });
  }

  it('is never a file that is no script, nor anything below one: PHP would run it', async () => {
    for (const path of ['/.env', '/logo.png', '/logo.png/x.php', '/logo.png/', '/%2eenv']) {
      const { script } = await look(path);
      assert.equal(script.kind === 'refused' && script.status, 404, path);
    }
  });

  it('is not looked for where a path leads upwards or means different things to different readers', async () => {
    const paths = [
      '/../etc/passwd',
      '/a/../app.php',
      '/%2e%2e/app.php',
      '/%2E./app.php',
      '/..%2fapp.php',
      '/a/..',
      '/app.php%00.png',
      '/app.php/\0',
      '/..\\app.php',
      '/..%5capp.php',
      '/a%',
      '/a%zz',
      '*',
      '',
      'app.php',
    ];
    for (const path of paths) {
      const { script, looks } = await look(path);
      assert.equal(script.kind === 'refused' && script.status, 400, path);
      assert.deepEqual(looks, [], path);
    }
  });

  it('may have dots of its own', async () => {
    assert.deepEqual((await look('/...php', { files: ['/w/...php'] })).script, found('/...php'));
  });

  it('is looked for no deeper than there are folders', async () => {
    const { looks } = await look(`/no${'/a.php'.repeat(10_000)}`);
    assert.deepEqual(looks, ['/w/no', '/w/index.php']);
  });
});

it('PHP is known by the name of its program', () => {
  for (const name of [
    'php-cgi',
    '/usr/bin/php-cgi8.2',
    'php8.2-cgi',
    'php-fpm',
    'php-fpm8.3',
    'C:\\php\\php-cgi.exe',
  ]) {
    assert.equal(isPhp([name, '-c', 'x']), true, name);
  }
  for (const name of ['python3', 'phpish', './app.fcgi', '']) assert.equal(isPhp([name]), false, name);
  assert.equal(isPhp([]), false);
});
