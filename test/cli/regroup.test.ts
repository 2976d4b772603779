import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Cli } from '../support/cli.ts';
import { isAlive } from './control-support.ts';
import { conf, Driven } from './supervisorctl-support.ts';

/** Tells of its beginning and of its end, which takes a moment. */
const web = `
[program:web]
command=/bin/sh -c 'trap "sleep 0.2; echo ends $$; exit 0" TERM; echo begins $$; while :; do sleep 0.02; done'
startsecs=0
`;

/** `begins 4711`, in order, once there are so many. */
async function told(cli: Cli, count: number): Promise<readonly string[]> {
  return cli.until(() => {
    const lines = cli.events.flatMap((each) => (each.event === 'log' ? [each.line] : []));
    return lines.length >= count ? lines : undefined;
  });
}

it('a program that an update moves to another group has one process at a time, and none is lost (SV-92)', async (test) => {
  const driven = await Driven.ours(test, conf(web));
  const { folder, cli } = driven;
  assert.ok(cli !== undefined);
  const [begun = ''] = await told(cli, 1);
  await writeFile(join(folder, 'supervisord.conf'), conf(`${web}[group:g]\nprograms=web\n`));
  assert.deepEqual(await driven.ctl('update', 'g'), { code: 0, text: 'g: added process group\n' });
  const first = Number(begun.slice('begins '.length));
  const lines = await told(cli, 3);
  const second = Number(lines[2]?.slice('begins '.length));
  assert.deepEqual(lines, [`begins ${first}`, `ends ${first}`, `begins ${second}`]);
  assert.equal(isAlive(first), false);
  const { text } = await driven.ctl('status');
  assert.match(text, new RegExp(`^g:web +RUNNING +pid ${second}, uptime 0:00:\\d\\d\\n$`));
  // The group that it was in is gone with it, so there is nothing left to take over.
  assert.deepEqual(await driven.ctl('update'), { code: 0, text: '' });
  cli.process.kill('SIGINT');
  assert.equal((await cli.finished).code, 0);
  assert.deepEqual((await told(cli, 4)).slice(3), [`ends ${second}`]);
  assert.equal(isAlive(second), false);
});
