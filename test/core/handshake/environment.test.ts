import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EnvironmentFacts, environmentOf } from '../../../src/core/handshake/environment.ts';
import type { EnvironmentRule } from '../../../src/core/runtimes/recipe.ts';
import { specOf } from '../../support/spec.ts';

const inherited = { PATH: '/bin', HOME: '/home/me', PORT: '1' };
const rule = (part: Partial<EnvironmentRule>): EnvironmentRule => ({
  inherits: 'all',
  beneath: {},
  own: 'over',
  above: {},
  ...part,
});
const made = (
  env: Readonly<Record<string, string>>,
  facts: Partial<EnvironmentFacts> = {},
): Readonly<Record<string, string>> => environmentOf(specOf({ env }), { inherited, port: 4000, ...facts });

describe("a child's environment", () => {
  it('is all of ours with the own variables over it, and PORT above all (spec 4.2)', () => {
    assert.deepEqual(made({ HOME: '/elsewhere', PORT: '9' }), {
      PATH: '/bin',
      HOME: '/elsewhere',
      PORT: '4000',
    });
  });

  it('lays what the recipe adds beneath the own variables, or above them (spec 4.2)', () => {
    const env = made(
      { A: 'own', B: 'own', PORT: '9' },
      { rule: rule({ beneath: { A: 'recipe', C: 'recipe' }, above: { B: 'recipe', PORT: '8' } }) },
    );
    assert.deepEqual(env, {
      PATH: '/bin',
      HOME: '/home/me',
      A: 'own',
      B: 'recipe',
      C: 'recipe',
      PORT: '4000',
    });
  });

  it('holds nothing of ours but what the rule names, and own variables only where nothing is set (RT-13)', () => {
    const env = made(
      { GAE_ENV: 'mine', MORE: 'mine' },
      { rule: rule({ inherits: ['HOME'], beneath: { GAE_ENV: 'localdev' }, own: 'where-unset' }) },
    );
    assert.deepEqual(env, { HOME: '/home/me', GAE_ENV: 'localdev', MORE: 'mine', PORT: '4000' });
  });

  it('holds no own variables where the rule leaves them out (RT-6)', () => {
    const env = made(
      { A: 'own' },
      { rule: rule({ beneath: { PYTHONHASHSEED: 'random' }, own: 'left-out' }) },
    );
    assert.deepEqual(env, { PATH: '/bin', HOME: '/home/me', PYTHONHASHSEED: 'random', PORT: '4000' });
  });

  it('puts folders of the recipe before the PATH, wherever that comes from, and behind one of the service (RT-9)', () => {
    const path = ['/venv/bin', '/go/bin'];
    assert.equal(made({}, { path })['PATH'], '/venv/bin:/go/bin:/bin');
    assert.equal(made({ PATH: '/mine' }, { path })['PATH'], '/mine:/venv/bin:/go/bin');
    const above = rule({ above: { PATH: '/usr/bin' } });
    assert.equal(made({ PATH: '/mine' }, { path, rule: above })['PATH'], '/venv/bin:/go/bin:/usr/bin');
    assert.equal(made({}, { path, rule: rule({ inherits: [] }) })['PATH'], '/venv/bin:/go/bin');
  });

  it('knows the PATH by any case on Windows, and what separates its folders there', () => {
    const env = made({}, { inherited: { Path: 'C:\\Windows' }, path: ['C:\\venv\\Scripts'], windows: true });
    assert.deepEqual(env, { Path: 'C:\\venv\\Scripts;C:\\Windows', PORT: '4000' });
  });

  it('tells the processes of an application of each other above what is inherited, below what is its own', () => {
    const given = {
      env: { API_HOST: 'localhost', API_PORT: '7' },
      misleads: (key: string) => key === 'HOME',
    };
    assert.deepEqual(made({ API_PORT: '8' }, { given }), {
      PATH: '/bin',
      API_HOST: 'localhost',
      API_PORT: '8',
      PORT: '4000',
    });
  });
});
