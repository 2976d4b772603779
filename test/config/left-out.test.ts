/** Services that a file names and that cannot be run: they are told, so that none of them just vanishes. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../src/config/spec.ts';
import { project } from './app-yaml-reading.ts';
import { lines, read } from './reading.ts';
import { readConf } from './supervisord-reading.ts';

/** `/w/runtimes.yaml:3 web: what is wrong`. */
function leftOut({ leftOut: all = [] }: Config): readonly string[] {
  return all.map(({ name, source, message }) => `${source.file}:${source.line} ${name}: ${message}`);
}

const names = ({ services }: Config): readonly string[] => services.map(({ name }) => name);

describe('a service that cannot be run for an error in its file', () => {
  it('is told of with its line and the first thing that is wrong', () => {
    const config = read(
      lines(`
        services:
          web: { command: web }
          api: { cwd: x }
          db:
            command: db
            commnd: x
            port: far
      `),
    );
    assert.deepEqual(names(config), ['web']);
    assert.deepEqual(leftOut(config), [
      '/w/runtimes.yaml:3 api: Service "api" needs "command".',
      ...config.problems
        .filter(({ line }) => line === 6 || line === 7)
        .filter(({ severity }) => severity === 'error')
        .slice(0, 1)
        .map(({ message }) => `/w/runtimes.yaml:4 db: ${message}`),
    ]);
  });

  it('is nothing where all can be run', () => {
    assert.equal(read('services:\n  web: { command: web }\n').leftOut, undefined);
  });

  it('may be one whose name will not do', () => {
    const config = read('services:\n  my web: { command: web }\n  ok: { command: ok }\n');
    assert.deepEqual(names(config), ['ok']);
    assert.deepEqual(leftOut(config), [`/w/runtimes.yaml:2 my web: ${config.problems[0]?.message}`]);
  });

  it('is told of by the slip in the syntax, where what is said of it may only follow from that', () => {
    const config = read('services:\n  api:\n    cwd: x\n  web: { command: web }\n  db: [\n');
    const [only] = config.problems;
    assert.equal(only?.code, 'yaml-syntax');
    assert.ok(leftOut(config).includes(`/w/runtimes.yaml:2 api: ${only.message}`), String(leftOut(config)));
  });

  it('may be the retired one of several app.yaml', () => {
    const config = project({
      'app.yaml': 'runtime: nodejs22\n',
      'old/app.yaml': 'service: old\nruntime: python27\n',
    });
    const retired = config.problems.find(({ code }) => code === 'retired-runtime');
    assert.deepEqual(names(config), ['default']);
    assert.deepEqual(leftOut(config), [`/w/old/app.yaml:1 old: ${retired?.message}`]);
  });

  it('may be a program of a supervisord.conf, once in however many groups it is', () => {
    const config = readConf(
      lines(`
        [supervisord]
        [program:web]
        command=web
        [program:bad]
        command=bad
        startsecs=soon
        [group:one]
        programs=bad,web
        [group:two]
        programs=bad
      `),
    );
    const [wrong] = config.problems.filter(({ severity }) => severity === 'error');
    assert.deepEqual(names(config), ['web']);
    assert.deepEqual(leftOut(config), [`${wrong?.file}:4 bad: ${wrong?.message}`]);
  });
});
