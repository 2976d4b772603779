/** Go with its real toolchain: built, answered by, broken, repaired, and debugged. Nothing is fetched. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { needs, Project } from './project-support.ts';
import { until } from './support.ts';

const timeout = { timeout: 170_000 };

function main(answer: string): string {
  return `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, ${JSON.stringify(answer)}+" %v", os.Args[1:])
	})
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
`;
}

const module = 'module example.com/api\n\ngo 1.19\n';

function go(answer: string, command = 'go run . --greet you') {
  return {
    files: { 'go.mod': module, 'main.go': main(answer) },
    services: `  api: { runtime: go, command: ${command} }\n`,
  };
}

async function builtAt(app: Project): Promise<number> {
  return (await stat(join(app.folder, '.work/api/_ah_exe'))).mtimeMs;
}

/** A line of JSON-RPC to Delve, and its answer. */
function askDelve(t: TestContext, port: number, method: string): Promise<{ readonly result?: unknown }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`${JSON.stringify({ method, params: [{}], id: 1 })}\n`);
    });
    t.after(() => socket.destroy());
    let text = '';
    socket.on('data', (piece) => {
      text += piece.toString('utf8');
      if (text.includes('\n')) resolve(JSON.parse(text) as { result?: unknown });
    });
    socket.once('error', reject);
  });
}

describe('a service of Go', () => {
  before(() => needs('go'));

  it(
    'is built, answers with the arguments behind its package, and is not built again while nothing changes (RT-21)',
    timeout,
    async (t) => {
      const app = await Project.up(t, go('hello'));
      const { body } = await app.ask('/');
      assert.equal(body, 'hello [--greet you]');
      const first = await builtAt(app);
      const { pid } = app.instance();
      await app.runtime.restart({ kind: 'all' });
      await until('another process', () => app.instance().pid !== pid && app.instance().state === 'RUNNING');
      assert.equal(await builtAt(app), first);
      await app.write({ 'main.go': main('servus') });
      await app.runtime.restart({ kind: 'all' });
      await until(
        'the new one to answer',
        async () => (await app.ask('/')).body === 'servus [--greet you]',
        60_000,
      );
      assert.notEqual(await builtAt(app), first);
    },
  );

  it(
    'that cannot be built has a fault at the line, is not tried again before a file changes, and comes back by itself with the repaired one (RT-22)',
    timeout,
    async (t) => {
      const app = await Project.withTools(t, go('hello'));
      await app.write({ 'main.go': main('hello').replace('os.Exit(1)', 'os.Exit(code)') });
      await app.runtime.start({ kind: 'all' });
      const { fault } = await app.reach('FATAL');
      assert.equal(fault?.code, 'build-failed');
      assert.match(fault.message, /go build .*exited with code [12]/u);
      const line =
        main('hello')
          .split('\n')
          .findIndex((each) => each.includes('os.Exit')) + 1;
      assert.deepEqual(fault.findings, [
        {
          severity: 'error',
          message: 'undefined: code',
          place: { file: join(app.folder, 'main.go'), line, column: 11 },
        },
      ]);
      assert.match((await app.ask('/')).body, /could not be built/u);
      const attempts = (): number => app.journal.filter((each) => each.includes('Failed to build')).length;
      const before = attempts();
      await app.write({ 'main.go': main('repaired') });
      await app.reach('RUNNING');
      assert.equal((await app.ask('/')).body, 'repaired [--greet you]');
      assert.deepEqual([before, attempts()], [1, 1]);
      assert.ok(app.journal.some((each) => each.includes('Go application successfully built.')));
    },
  );

  it('under App Engine has the reference’s page instead, to the byte (RT-23, RT-30)', timeout, async (t) => {
    const app = await Project.withTools(t, {
      ...go('hello'),
      services: '  api: { runtime: go, command: go run ., profile: appengine }\n',
    });
    await app.write({ 'main.go': 'package main\n\nfunc main() {\n\tnothing()\n}\n' });
    await app.runtime.start({ kind: 'all' });
    const { pid } = await app.reach('FATAL');
    const { status, type, body } = await app.ask('/');
    assert.equal(status, 500);
    assert.equal(type, 'text/plain; charset=utf-8');
    const [first, second, third, ...rest] = body.split('\n');
    assert.deepEqual([first, second], ['The Go application could not be built.', '']);
    assert.match(third ?? '', /^\(Executed command: \S*go build -o \S+\/_ah_exe \.\)$/u);
    assert.match(rest.join('\n'), /\.\/main\.go:4:2: undefined: nothing/u);
    assert.equal(pid, undefined);
  });

  it(
    'without a command is built of what its folder holds, and two services of one folder have a program each (RT-29)',
    timeout,
    async (t) => {
      const app = await Project.up(t, {
        files: { 'one/go.mod': module, 'one/main.go': main('shared') },
        services:
          '  first: { runtime: go, cwd: one }\n  second: { runtime: go, cwd: one, command: go run . }\n',
      });
      await app.reach('RUNNING', 'second.0');
      assert.equal((await app.ask('/', { service: 'first' })).body, 'shared []');
      assert.equal((await app.ask('/', { service: 'second' })).body, 'shared []');
      const programs = await Promise.all(
        ['first', 'second'].map((name) => stat(join(app.folder, `.work/${name}/_ah_exe`))),
      );
      assert.notEqual(programs[0]?.ino, programs[1]?.ino);
    },
  );

  it('that embeds a file is built again once that changes', timeout, async (t) => {
    const text = main('unused')
      .replace('"fmt"', '_ "embed"\n\t"fmt"')
      .replace(
        'func main',
        '//go:embed words/*.txt\nvar _ embed.FS\n\n//go:embed words/hello.txt\nvar words string\n\nfunc main',
      )
      .replace('_ "embed"', '"embed"')
      .replace('"unused"', 'words');
    const app = await Project.up(t, {
      ...go(''),
      files: { 'go.mod': module, 'main.go': text, 'words/hello.txt': 'first' },
    });
    assert.match((await app.ask('/')).body, /^first/u);
    await app.write({ 'words/hello.txt': 'second, and longer' });
    await app.runtime.restart({ kind: 'all' });
    await until('the new words', async () => (await app.ask('/')).body.startsWith('second'), 60_000);
  });

  it('stops while it is being built, and leaves nothing of the build', timeout, async (t) => {
    const app = await Project.withTools(t, { ...go('hello'), env: { GOFLAGS: '-a' } });
    const starting = app.runtime.start({ kind: 'all' });
    const { preparing } = await until(
      'the build',
      () => {
        const instance = app.instance();
        return instance.preparing === undefined ? undefined : instance;
      },
      60_000,
    );
    assert.equal(preparing?.title, 'go build');
    await app.runtime.stop({ kind: 'all' });
    await starting.catch(() => undefined);
    await app.reach('STOPPED');
    await assert.rejects(builtAt(app));
  });

  it('is debugged by Delve, which answers at the address that it prints', timeout, async (t) => {
    needs('dlv');
    const app = await Project.withTools(t, go('hello'));
    await app.runtime.start({ kind: 'all' }, { debug: true });
    const { inspector } = await until(
      'Delve to listen',
      () => {
        const instance = app.instance();
        return instance.inspector !== undefined && instance.state === 'RUNNING' ? instance : undefined;
      },
      120_000,
    );
    assert.equal((await app.ask('/')).body, 'hello [--greet you]');
    const answer = await askDelve(t, inspector?.port ?? 0, 'RPCServer.GetVersion');
    assert.ok(answer.result !== undefined, JSON.stringify(answer));
  });
});
