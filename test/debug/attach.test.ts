import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachConfiguration, attachKey, whyNotDebuggable } from '../../src/debug/attach.ts';
import { debugged, instanceOf, serviceOf } from '../support/runtime-double.ts';

test('a Node instance with an inspector is attached to by the editor’s own Node debugger', () => {
  assert.deepEqual(attachConfiguration(serviceOf('web'), debugged('web.0', 41, 9229)), {
    type: 'node',
    request: 'attach',
    name: 'web.0',
    address: '127.0.0.1',
    port: 9229,
    cwd: '/home/ann/shop',
    sourceMaps: true,
    skipFiles: ['<node_internals>/**'],
    restart: false,
  });
});

test('what the config says under "debug" is laid over the attach configuration, but it stays an attach', () => {
  const service = serviceOf('web', {
    debug: { request: 'launch', skipFiles: ['**/vendor/**'], outFiles: ['dist/**/*.js'] },
  });
  const configuration = attachConfiguration(service, debugged('web.0', 41, 9229));
  assert.deepEqual(
    [
      configuration?.request,
      configuration?.['skipFiles'],
      configuration?.['outFiles'],
      configuration?.['port'],
    ],
    ['attach', ['**/vendor/**'], ['dist/**/*.js'], 9229],
  );
});

test('an instance is attached to while it is STARTING too, so that a slow start can be debugged', () => {
  const starting = { ...debugged('web.0', 41, 9229), state: 'STARTING' } as const;
  assert.equal(attachConfiguration(serviceOf('web'), starting)?.['port'], 9229);
});

test('without an inspector, without a process, or while it ends there is nothing to attach to', () => {
  const running = debugged('web.0', 41, 9229);
  const { pid: _pid, ...unborn } = running;
  const { inspector: _inspector, ...plain } = running;
  for (const instance of [unborn, plain, instanceOf('web.0'), { ...running, state: 'STOPPING' as const }]) {
    assert.equal(attachConfiguration(serviceOf('web'), instance), undefined, instance.state);
  }
});

test('a new process, and a new inspector of the same process, has a key of its own', () => {
  const keys = [debugged('web.0', 41, 9229), debugged('web.0', 42, 9229), debugged('web.0', 42, 9230)].map(
    attachKey,
  );
  assert.equal(new Set(keys).size, 3);
  assert.equal(attachKey(debugged('web.0', 41, 9229)), keys[0]);
});

test('why a service cannot be debugged is told with what would help', () => {
  const why = (runtime: string): string | undefined =>
    whyNotDebuggable(serviceOf('api', { runtime, debuggable: false }));
  assert.match(why('python') ?? '', /"api" is a Python service.*ms-python\.debugpy/);
  assert.match(why('go') ?? '', /golang\.go/);
  assert.match(why('node') ?? '', /"debug: false"/);
  assert.match(why('generic') ?? '', /runtime is generic.*"runtime: node"/);
  assert.equal(whyNotDebuggable(serviceOf('web')), undefined);
});
