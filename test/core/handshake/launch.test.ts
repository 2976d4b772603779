import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LaunchFacts, launchPlan } from '../../../src/core/handshake/launch.ts';
import { specOf } from '../../support/spec.ts';

const inherited = { PATH: '/bin', PORT: '1' };
const facts: LaunchFacts = { index: 0, inherited, port: 4000 };
const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

describe('what a child gets', () => {
  it('with "port": PORT and {port} in every argument, nothing appended, nothing on stdin', () => {
    const plan = launchPlan(specOf({ command: ['serve', '--at={port}', '{port}{port}', '{other}'] }), facts);
    assert.deepEqual(plan.argv, ['serve', '--at=4000', '40004000', '{other}']);
    assert.deepEqual(plan.env, { PATH: '/bin', PORT: '4000' });
    assert.equal(plan.stdin, undefined);
  });

  it('with "none": neither a PORT of ours nor one we inherited', () => {
    const { port: _none, ...without } = facts;
    const plan = launchPlan(specOf({ handshake: 'none', command: ['work', '{port}'] }), without);
    assert.deepEqual([plan.argv, plan.env], [['work', '{port}'], { PATH: '/bin' }]);
  });

  it('with "discover": the port as a hint, which its own PORT overrides', () => {
    const plan = launchPlan(specOf({ handshake: 'discover', env: { PORT: '9' } }), facts);
    assert.equal(plan.env['PORT'], '9');
  });

  it('with "stdout": the configuration in base64 on stdin; arguments, environment and folder as they are (RP-1)', () => {
    const spec = specOf({ handshake: 'stdout', command: ['run', '{port}'], env: { A: 'b' }, cwd: '/srv' });
    const plan = launchPlan(spec, { index: 0, inherited, configuration: '{"ü":1}' });
    assert.deepEqual([plan.argv, plan.env, plan.cwd], [['run', '{port}'], { PATH: '/bin', A: 'b' }, '/srv']);
    assert.equal(Buffer.from(text(plan.stdin) ?? '', 'base64').toString(), '{"ü":1}');
  });

  it('with "file": both paths last, configuration first (RP-12)', () => {
    const files = { configuration: '/tmp/c', port: '/tmp/p' };
    const plan = launchPlan(specOf({ handshake: 'file', command: ['run', 'x'] }), {
      index: 0,
      inherited,
      files,
    });
    assert.deepEqual(plan.argv, ['run', 'x', '/tmp/c', '/tmp/p']);
    assert.equal(plan.env['PORT'], undefined);
  });

  it('with "reverse": PORT, {port} replaced, then both paths; the list it came from is unchanged (RP-20, RP-21)', () => {
    const command = Object.freeze(['run', '{port}/{port}']);
    const files = { configuration: '/tmp/{port}', port: '/tmp/p' };
    const plan = launchPlan(specOf({ handshake: 'reverse', command }), { ...facts, files });
    assert.deepEqual(plan.argv, ['run', '4000/4000', '/tmp/{port}', '/tmp/p']);
    assert.equal(plan.env['PORT'], '4000');
    assert.deepEqual(command, ['run', '{port}/{port}']);
  });

  it('with "reverse-no-file": the raw configuration on stdin, no PORT, all three placeholders (RP-22)', () => {
    const spec = specOf({
      handshake: 'reverse-no-file',
      command: ['run', '{port}', '{api_host}:{api_port}'],
    });
    const plan = launchPlan(spec, {
      ...facts,
      given: { api: { host: 'h', port: 7 }, env: {}, misleads: () => false },
      configuration: '{}',
    });
    assert.deepEqual(plan.argv, ['run', '4000', 'h:7']);
    assert.deepEqual([text(plan.stdin), plan.env['PORT']], ['{}', undefined]);
  });

  it('with an extra argument: made once from the port, last, placeholders in it replaced, never piling up (RP-23, RP-24)', () => {
    const spec = specOf({ handshake: 'reverse-no-file', command: ['run'] });
    const ports: number[] = [];
    const extraArgument = (port: number): string => {
      ports.push(port);
      return `--p={port}`;
    };
    const build = (): readonly string[] =>
      launchPlan(spec, {
        ...facts,
        configuration: '',
        plan: { kind: 'plan', command: spec.command, extraArgument },
      }).argv;
    assert.deepEqual(
      [build(), build()],
      [
        ['run', '--p=4000'],
        ['run', '--p=4000'],
      ],
    );
    assert.deepEqual(ports, [4000, 4000]);
  });

  it('through a shell: joined with spaces, PORT set, {port} left for nobody (RP-25)', () => {
    const plan = launchPlan(specOf({ shell: true, command: ['serve ${PORT} {port}', '&& true'] }), facts);
    assert.deepEqual(plan.argv, ['/bin/sh', '-c', 'serve ${PORT} {port} && true']);
    assert.equal(plan.env['PORT'], '4000');
  });
});
