/** Custom and generic services with real processes: words in quotes, ports, the environment, and builds of the file. */

import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Project } from './project-support.ts';
import { until } from './support.ts';

const timeout = { timeout: 60_000 };

/** Answers with its arguments and a variable. */
const server = `
import { createServer } from 'node:http';
const [port, ...rest] = process.argv.slice(2);
createServer((request, response) => {
  response.end(JSON.stringify({ rest, word: process.env.WORD, home: process.env.HOME }));
}).listen(Number(port), '127.0.0.1');
`;

const node = JSON.stringify(process.execPath);

describe('a custom service', () => {
  it(
    'is split at its quotes, has {port} and variables filled in, and inherits our environment (RT-4)',
    timeout,
    async (t) => {
      const app = await Project.up(t, {
        files: { 'server.mjs': server },
        services: `  app:
    runtime: custom
    command: ${JSON.stringify(`${node} server.mjs {port} 'one word' "it's" a\\ b --at={port}`)}
    env: { WORD: own }
`,
      });
      const { port } = app.instance();
      assert.deepEqual(JSON.parse((await app.ask('/')).body), {
        rest: ['one word', "it's", 'a b', `--at=${port}`],
        word: 'own',
        home: process.env['HOME'],
      });
    },
  );

  it(
    'with the flavour of App Engine’s custom runtime has its configuration on its input, and no file (RT-4)',
    timeout,
    async (t) => {
      const app = await Project.up(t, {
        files: {
          'server.mjs': `
import { createServer } from 'node:http';
const read = [];
for await (const piece of process.stdin) read.push(piece);
const configuration = JSON.parse(Buffer.concat(read).toString('utf8'));
createServer((request, response) => {
  response.end(JSON.stringify({ port: configuration.port, rest: process.argv.slice(3) }));
}).listen(Number(process.argv[2]), '127.0.0.1');
`,
        },
        services: `  app: { runtime: custom, handshake: reverse-no-file, command: ${JSON.stringify(`${node} server.mjs {port}`)} }\n`,
      });
      const { port } = app.instance();
      assert.deepEqual(JSON.parse((await app.ask('/')).body), { port, rest: [] });
    },
  );

  for (const runtime of ['custom', 'generic']) {
    it(
      `is built first where the file says how, and again only when something has changed (${runtime})`,
      timeout,
      async (t) => {
        const app = await Project.up(t, {
          files: {
            'server.mjs': server,
            'words.txt': 'first',
            'make.sh': 'cp words.txt made.txt && echo x >> count.txt\n',
          },
          services: `  app:
    runtime: ${runtime}
    command: ${JSON.stringify(`${node} server.mjs {port}`)}
    build: { command: sh make.sh, inputs: [words.txt], outputs: [made.txt] }
`,
        });
        const made = (name: string): Promise<string> => readFile(join(app.folder, name), 'utf8');
        const again = async (): Promise<void> => {
          const { pid } = app.instance();
          await app.runtime.restart({ kind: 'all' });
          await until(
            'another process',
            () => app.instance().pid !== pid && app.instance().state === 'RUNNING',
          );
        };
        assert.equal(await made('made.txt'), 'first');
        await again();
        assert.equal(await made('count.txt'), 'x\n');
        await app.write({ 'words.txt': 'second, and longer' });
        await again();
        assert.equal(await made('made.txt'), 'second, and longer');
        await rm(app.at('made.txt'));
        await again();
        assert.equal(await made('count.txt'), 'x\nx\nx\n');
      },
    );
  }

  it(
    'whose build fails shows what the tool said at its line, and starts by itself once that is mended',
    timeout,
    async (t) => {
      const app = await Project.withTools(t, {
        files: {
          'server.mjs': server,
          'words.txt': 'wrong',
          'make.sh':
            'grep -q right words.txt || { echo "words.txt:1:3: error: no such word" >&2; exit 4; }\n',
        },
        services: `  app: { command: ${JSON.stringify(`${node} server.mjs {port}`)}, runtime: custom, build: { command: sh make.sh, inputs: [words.txt] } }\n`,
      });
      await app.runtime.start({ kind: 'all' });
      const { fault } = await app.reach('FATAL');
      assert.match(fault?.message ?? '', /sh make\.sh exited with code 4/u);
      assert.deepEqual(fault?.findings, [
        {
          severity: 'error',
          message: 'no such word',
          place: { file: join(app.folder, 'words.txt'), line: 1, column: 3 },
        },
      ]);
      await app.write({ 'words.txt': 'right' });
      await app.reach('RUNNING');
    },
  );
});
