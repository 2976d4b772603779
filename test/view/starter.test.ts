import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { starterConfig } from '../../src/view/starter.ts';

const servicesOf = (...facts: Parameters<typeof starterConfig>): unknown => {
  const config: unknown = parse(starterConfig(...facts));
  assert.ok(typeof config === 'object' && config !== null && 'services' in config);
  return config.services;
};

describe('the first config of a folder', () => {
  it('runs the script a package.json has for development', () => {
    const packageJson = JSON.stringify({ scripts: { test: 'x', start: 'node .', dev: 'vite' } });
    assert.deepEqual(servicesOf({ names: ['package.json'], packageJson }), {
      web: { command: 'npm run dev', handshake: 'discover' },
    });
  });

  it('has a service for each language that is seen', () => {
    assert.deepEqual(servicesOf({ names: ['manage.py', 'go.mod', 'Cargo.toml'] }), {
      django: { command: 'python3 manage.py runserver 127.0.0.1:{port} --noreload' },
      go: { command: 'go run .' },
      rust: { command: 'cargo run' },
    });
  });

  it('suggests below its last service only what that one has not got', () => {
    const packageJson = JSON.stringify({ scripts: { dev: 'vite' } });
    assert.doesNotMatch(starterConfig({ names: ['package.json'], packageJson }), /# handshake: discover/);
    assert.match(starterConfig({ names: ['app.py'] }), /# handshake: discover/);
  });

  it('has one service to fill in where nothing is recognised', () => {
    assert.deepEqual(servicesOf({ names: [] }), { web: { command: 'node server.js' } });
  });

  it('takes no offence at a broken package.json', () => {
    for (const packageJson of ['{', 'null', '{"scripts": 1}', '[]']) {
      assert.deepEqual(servicesOf({ names: ['package.json', 'app.py'], packageJson }), {
        app: { command: 'python3 app.py' },
      });
    }
  });
});
