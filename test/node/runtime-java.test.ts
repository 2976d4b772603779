/** Java with its real JDK: compiled, packed, answered by, broken, repaired, and debugged. Nothing is fetched. */

import assert from 'node:assert/strict';
import { rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { needs, Project } from './project-support.ts';
import { until } from './support.ts';

const timeout = { timeout: 110_000 };

function ledger(answer: string): string {
  return `import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

public class Ledger {
    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", exchange -> {
            byte[] body = Words.of(${JSON.stringify(answer)}).getBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
`;
}

const words = `class Words {
    static String of(String text) {
        return text + "!";
    }
}
`;

/** Nobody writes the command: it is proposed from the sources. */
const sources = {
  files: { 'ledger/Ledger.java': ledger('hello'), 'ledger/Words.java': words },
  services: '  ledger: { runtime: java, cwd: ledger }\n',
};

async function jarAt(app: Project): Promise<number> {
  return (await stat(join(app.folder, '.work/ledger/app.jar'))).mtimeMs;
}

/** What a debugger and a Java machine say to each other first. */
function shake(t: TestContext, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('JDWP-Handshake'));
    t.after(() => socket.destroy());
    socket.once('data', (piece) => resolve(piece.toString('latin1')));
    socket.once('error', reject);
  });
}

describe('a service of Java', () => {
  before(() => needs('java', 'javac', 'jar'));

  it(
    'is compiled and packed into a jar, answers, and is not compiled again while nothing changes',
    timeout,
    async (t) => {
      const app = await Project.up(t, sources);
      assert.equal((await app.ask('/')).body, 'hello!');
      const first = await jarAt(app);
      const { pid } = app.instance();
      await app.runtime.restart({ kind: 'all' });
      await until(
        'another process',
        () => app.instance().pid !== pid && app.instance().state === 'RUNNING',
        30_000,
      );
      assert.equal(await jarAt(app), first);
      await app.write({ 'ledger/Words.java': words.replace('!', '?') });
      await app.runtime.restart({ kind: 'all' });
      await until('the new one', async () => (await app.ask('/')).body === 'hello?', 60_000);
    },
  );

  it('has no class any more whose source has gone', timeout, async (t) => {
    const looks = ledger('x').replace(
      'Words.of("x")',
      '(ClassLoader.getSystemResource("Gone.class") == null ? "gone" : "there")',
    );
    const app = await Project.up(t, {
      ...sources,
      files: { 'ledger/Ledger.java': looks, 'ledger/Gone.java': 'class Gone { }\n' },
    });
    assert.equal((await app.ask('/')).body, 'there');
    await rm(join(app.folder, 'ledger/Gone.java'));
    await app.runtime.restart({ kind: 'all' });
    await until('the new one', async () => (await app.ask('/')).body === 'gone', 60_000);
  });

  it(
    'that does not compile has a fault at line and column, and comes back by itself with the repaired file',
    timeout,
    async (t) => {
      const app = await Project.withTools(t, sources);
      await app.write({ 'ledger/Words.java': words.replace('return text', 'return texts') });
      await app.runtime.start({ kind: 'all' });
      const { fault } = await app.reach('FATAL');
      assert.equal(fault?.code, 'build-failed');
      const [finding] = fault.findings ?? [];
      assert.deepEqual(finding?.place, { file: join(app.folder, 'ledger/Words.java'), line: 3, column: 16 });
      assert.match(finding.message, /^cannot find symbol\n/u);
      assert.match((await app.ask('/')).body, /could not be built/u);
      await app.write({ 'ledger/Words.java': words });
      await app.reach('RUNNING');
      assert.equal((await app.ask('/')).body, 'hello!');
    },
  );

  it('runs the jar that a build of the file makes, by the command that the file has', timeout, async (t) => {
    const app = await Project.up(t, {
      files: {
        ...sources.files,
        'ledger/make.sh':
          'set -e\njavac -d out *.java\njar --create --file ledger.jar --main-class Ledger -C out .\n',
      },
      services: `  ledger:
    command: java -jar ledger.jar
    cwd: ledger
    build: { command: sh make.sh, inputs: ['*.java'], outputs: [ledger.jar] }
`,
    });
    assert.equal((await app.ask('/')).body, 'hello!');
  });

  it(
    'without the jar that it begins with is not started, and is as soon as that is there',
    timeout,
    async (t) => {
      const app = await Project.withTools(t, {
        ...sources,
        services: '  ledger: { command: java -jar ledger.jar, cwd: ledger }\n',
      });
      await app.runtime.start({ kind: 'all' });
      const { fault, pid } = await app.reach('FATAL');
      assert.equal(fault?.code, 'missing-entry');
      assert.equal(pid, undefined);
    },
  );

  it('is debugged over JDWP, which shakes hands at the address that it prints', timeout, async (t) => {
    const app = await Project.withTools(t, sources);
    await app.runtime.start({ kind: 'all' }, { debug: true });
    const { inspector } = await until(
      'the debugger to listen',
      () =>
        app.instance().inspector === undefined || app.instance().state !== 'RUNNING'
          ? undefined
          : app.instance(),
      60_000,
    );
    assert.equal((await app.ask('/')).body, 'hello!');
    assert.equal(await shake(t, inspector?.port ?? 0), 'JDWP-Handshake');
  });
});
