import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachConfiguration, attachKey, whyNotDebuggable } from '../../src/debug/attach.ts';
import { debuggerUses, usesWith } from '../../src/debug/debuggers.ts';
import { missingDebugger } from '../../src/debug/missing.ts';
import type { InstanceView, ServiceView } from '../../src/protocol/api.ts';
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
  const keyOf = (instance: InstanceView): string => attachKey(serviceOf('web'), instance);
  const keys = [debugged('web.0', 41, 9229), debugged('web.0', 42, 9229), debugged('web.0', 42, 9230)].map(
    keyOf,
  );
  assert.equal(new Set(keys).size, 3);
  assert.equal(keyOf(debugged('web.0', 41, 9229)), keys[0]);
});

test('each language is attached to as its own extension describes it', () => {
  const attached = (runtime: string): unknown =>
    attachConfiguration(serviceOf('api', { runtime }), debugged('api.0', 41, 9229));
  const common = { name: 'api.0', request: 'attach' };
  assert.deepEqual(attached('python'), {
    ...common,
    type: 'debugpy',
    connect: { host: '127.0.0.1', port: 9229 },
    justMyCode: true,
  });
  assert.deepEqual(attached('go'), {
    ...common,
    type: 'go',
    mode: 'remote',
    host: '127.0.0.1',
    port: 9229,
    cwd: '/home/ann/shop',
    debugAdapter: 'dlv-dap',
  });
  assert.deepEqual(attached('java'), { ...common, type: 'java', hostName: '127.0.0.1', port: 9229 });
  assert.deepEqual(attached('ruby'), {
    ...common,
    type: 'rdbg',
    debugPort: '127.0.0.1:9229',
    localfs: true,
  });
  assert.equal(attached('custom'), undefined);
});

test('for PHP the editor listens before there is a process, and goes on for the process that calls it', () => {
  const service = serviceOf('shop', { runtime: 'php' });
  const { pid: _pid, ...coming } = { ...debugged('shop.0', 41, 9003), state: 'STARTING' } as const;
  assert.deepEqual(attachConfiguration(service, coming), {
    name: 'shop.0',
    type: 'php',
    request: 'launch',
    hostname: '127.0.0.1',
    port: 9003,
  });
  assert.equal(attachKey(service, coming), attachKey(service, debugged('shop.0', 41, 9003)));
  assert.notEqual(attachKey(service, coming), attachKey(service, instanceOf('shop.0')));
});

test('a language that another extension brought is attached to as that says', () => {
  const uses = usesWith([
    {
      name: 'deno',
      title: 'Deno',
      debug: {
        attach: { type: 'pwa-node', address: '{host}', port: '{port}', deep: { list: ['at {host}:{port}'] } },
        extension: 'denoland.vscode-deno',
      },
    },
    { name: 'plain', title: 'Plain' },
  ]);
  const service = serviceOf('api', { runtime: 'deno' });
  assert.deepEqual(attachConfiguration(service, debugged('api.0', 41, 9229), uses), {
    name: 'api.0',
    request: 'attach',
    type: 'pwa-node',
    address: '127.0.0.1',
    port: 9229,
    deep: { list: ['at 127.0.0.1:9229'] },
  });
  assert.equal(uses.has('plain'), false);
  assert.match(whyNotDebuggable(service) ?? '', /from this window.*attach to deno/);
  assert.equal(whyNotDebuggable(service, uses), undefined);
});

test('why a service cannot be debugged is told with what would help', () => {
  const why = (runtime: string): string | undefined =>
    whyNotDebuggable(serviceOf('api', { runtime, debuggable: false }));
  for (const runtime of ['node', 'python', 'go', 'java', 'php', 'ruby']) {
    assert.match(why(runtime) ?? '', /"debug: false"/, runtime);
  }
  assert.match(why('generic') ?? '', /runtime is generic.*node, python, go, java, php or ruby.*"runtime"/);
  assert.equal(whyNotDebuggable(serviceOf('web')), undefined);
});

test('a debugger that is not installed is named before anything is started', () => {
  const missing = (more: Partial<ServiceView>, ...types: string[]) =>
    missingDebugger(serviceOf('api', more), new Set(types), debuggerUses);
  assert.deepEqual(missing({ runtime: 'go' }, 'node', 'debugpy'), {
    type: 'go',
    extension: { id: 'golang.go', title: 'Go' },
    message: 'Debugging "api" needs the extension Go (golang.go), which is not installed or not enabled.',
  });
  assert.equal(missing({ runtime: 'go' }, 'go'), undefined);
  assert.equal(missing({ runtime: 'custom' }), undefined);
  const other = missing({ runtime: 'python', debug: { type: 'pyrogue' } }, 'debugpy');
  assert.equal(other?.extension, undefined);
  assert.match(other?.message ?? '', /a debugger of the type "pyrogue"/);
});
