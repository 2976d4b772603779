import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { debugLaunch, readInspector, saysDone } from '../../../src/core/runtimes/nodejs/inspector.ts';
import { isDebuggable } from '../../../src/core/runtimes/recipes.ts';
import { specOf } from '../../support/spec.ts';

const inspect = '--inspect=127.0.0.1:9229';

describe('the debugger of a Node service', () => {
  it('is switched on by an argument when the command is node itself', () => {
    for (const program of ['node', '/usr/local/bin/node', 'nodejs', 'C:\\Program Files\\nodejs\\node.exe']) {
      const launch = debugLaunch(specOf({ command: [program, 'server.js'] }), 9229, {});
      assert.deepEqual(launch, { args: [inspect], env: {} }, program);
    }
  });

  it('is switched on through NODE_OPTIONS when something else starts node, each process choosing its port', () => {
    const launch = debugLaunch(specOf({ command: ['npm', 'start'] }), 9229, {});
    assert.deepEqual(launch, { args: [], env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' } });
    const shell = debugLaunch(specOf({ command: ['node server.js | cat'], shell: true }), 9229, {});
    assert.deepEqual(shell.args, []);
  });

  it('keeps the NODE_OPTIONS there are, the service’s own before the inherited ones', () => {
    const inherited = { NODE_OPTIONS: '--max-old-space-size=512' };
    const own = { NODE_OPTIONS: '--enable-source-maps' };
    const optionsOf = (env: Readonly<Record<string, string>>): string | undefined =>
      debugLaunch(specOf({ command: ['npx', 'vite'], env }), 9229, inherited).env['NODE_OPTIONS'];
    assert.equal(optionsOf({}), '--max-old-space-size=512 --inspect=127.0.0.1:0');
    assert.equal(optionsOf(own), '--enable-source-maps --inspect=127.0.0.1:0');
  });

  it('tells its address in a line of its own, and nothing else is taken for it', () => {
    assert.deepEqual(readInspector('Debugger listening on ws://127.0.0.1:41235/6cf3a-9'), {
      host: '127.0.0.1',
      port: 41_235,
    });
    for (const line of [
      'Debugger attached.',
      'my log: Debugger listening on ws://127.0.0.1:41235/6cf3a-9',
      'For help, see: https://nodejs.org/en/docs/inspector',
    ]) {
      assert.equal(readInspector(line), undefined, line);
    }
  });

  it('says when the program is done and it only waits for debuggers to leave', () => {
    assert.ok(saysDone('Waiting for the debugger to disconnect...'));
    assert.ok(!saysDone('Debugger attached.'));
  });

  it('is there for a service whose recipe has one, unless the config switches it off', () => {
    assert.ok(isDebuggable(specOf({ runtime: 'node' })));
    assert.ok(isDebuggable(specOf({ runtime: 'node', debug: { outFiles: ['dist/**'] } })));
    assert.ok(!isDebuggable(specOf({ runtime: 'node', debug: false })));
    assert.ok(!isDebuggable(specOf({ runtime: 'custom' })));
  });
});
