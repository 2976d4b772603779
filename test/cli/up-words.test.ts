/** What `runtimes up` says to people of a service that does not come up: all of it, and once. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cli, workspace } from '../support/cli.ts';

function times(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe('runtimes up, for people', () => {
  it('says once that a program is not there, and at the end where it was looked for', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': 'services:\n  api: { command: python9 app.py, runtime: python }\n',
      'app.py': '',
    });
    const cli = new Cli(test, folder, ['up']);
    await cli.until(() => (cli.printed.includes('FATAL') ? true : undefined));
    cli.process.kill('SIGTERM');
    const { stdout, stderr } = await cli.finished;
    assert.equal(times(stdout + stderr, 'python9 is not there'), 1, stdout + stderr);
    assert.match(stderr, /^missing-program: python9 is not there\.\n/m);
    assert.match(stderr, /\n {2}It was looked for in \/[^\n]+\.\n/);
    assert.match(stdout, /FATAL\n/);
  });

  it('says once why a program ended at its start, and that it was given up', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': 'services:\n  api: { command: node app.mjs, startRetries: 1 }\n',
      'app.mjs': "process.stderr.write('starting\\nError: no settings.\\n');\nprocess.exitCode = 2;\n",
    });
    const cli = new Cli(test, folder, ['up']);
    await cli.until(() => (cli.printed.includes('FATAL') ? true : undefined));
    cli.process.kill('SIGTERM');
    const { stdout, stderr } = await cli.finished;
    assert.match(
      stderr,
      /^instance-died: api\.0 exited with code 2 before it was ready: Error: no settings\.$/m,
    );
    assert.equal(times(stdout + stderr, 'before it was ready'), 1, stdout + stderr);
    assert.doesNotMatch(stdout + stderr, /Cannot connect/);
    assert.match(stdout, /FATAL: gave up after 2 starts\n/);
  });
});
