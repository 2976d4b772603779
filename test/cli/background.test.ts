import assert from 'node:assert/strict';
import test from 'node:test';
import { Cli, workspace } from '../support/cli.ts';
import { commandIn } from './control-support.ts';

const files = {
  'runtimes.yaml': `services:
  app:
    command: node app.mjs
    scaling: manual
    profile: appengine
    appengine: { backgroundThreads: 1 }
  none:
    command: node app.mjs
    scaling: manual
    instances: 2
  plain:
    command: node app.mjs
`,
  // The thread goes on until somebody asks for its end.
  'app.mjs': `
import { createServer } from 'node:http';
let thread;
createServer((request, response) => {
  if (request.url === '/_ah/background') {
    thread = response;
    console.log('thread', request.headers['x-appengine-backgroundrequest']);
  } else {
    if (request.url === '/end') thread.end();
    response.end('ok');
  }
}).listen(process.env.PORT, '127.0.0.1');
`,
};

test('a terminal has an instance begin a background thread, hears its id, and why there is no second one (IN-53)', async (t) => {
  const folder = await workspace(t, files);
  const up = new Cli(t, folder, ['up', '--json']);
  await up.event('ready');
  const runtimes = commandIn(t, folder);
  const begun = await runtimes('background', 'app.0');
  assert.equal(begun.code, 0);
  const [, id = ''] = /^([0-9a-f]{32})\n$/.exec(begun.stdout) ?? assert.fail(begun.stdout);
  await up.event('log', ({ line }) => line === `thread ${id}`);

  const second = await runtimes('background', 'app');
  assert.deepEqual(
    [second.code, second.stdout, second.stderr],
    [
      1,
      '',
      'app.0 begins no background thread: Instance has no additional background thread capacity (limit reached: "backgroundThreads" is 1).\n',
    ],
  );
  const { url } = await up.event('listening', ({ what }) => what === 'app');
  assert.equal(await (await fetch(new URL('/', url))).text(), 'ok');
  assert.equal(await (await fetch(new URL('/end', url))).text(), 'ok');
  // The host may hear of that end a moment later than we do.
  let next = await runtimes('background', 'app.0');
  while (next.code !== 0 && !t.signal.aborted) next = await runtimes('background', 'app.0');
  assert.match(next.stdout, /^[0-9a-f]{32}\n$/);

  assert.match(
    (await runtimes('background', 'none.1')).stderr,
    /"backgroundThreads" is 0, which allows none/,
  );
  assert.match((await runtimes('background', 'plain')).stderr, /its service has no "scaling"/);
  const several = await runtimes('background', 'none');
  assert.deepEqual(
    [several.code, several.stderr],
    [2, '"none" is 2 instances; name one, such as "none.0".\n'],
  );
});
