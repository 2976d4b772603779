import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import { problemsOf, read } from './reading.ts';

function said(body: string): readonly string[] {
  return problemsOf(read(`services:\n  api: { command: x, ${body} }\n`));
}

describe('the keys about requests', () => {
  it('reach the spec, each with its own unit', () => {
    const config = read(
      'services:\n  api:\n    command: x\n    concurrency: 4\n    queueSeconds: 250ms\n    affinity: cookie\n' +
        '    timeouts: { connect: 1, response: 30s, silence: 1m }\n    drainSeconds: 0\n    startOnRequest: true\n    stopWhenIdle: 10m\n',
    );
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(config.services[0]?.requests, {
      concurrency: 4,
      queueMs: 250,
      affinity: 'cookie',
      drainMs: 0,
      connectMs: 1000,
      responseMs: 30_000,
      silenceMs: 60_000,
      startOnRequest: true,
      idleMs: 600_000,
    });
  });

  it('have the defaults that the schema tells', () => {
    assert.deepEqual(
      read('services: { api: { command: x, timeouts: {} } }').services[0]?.requests,
      usualRequests,
    );
  });

  it('may say that a service stops when idle and not that it starts on request: it runs until nobody asks', () => {
    const config = read('services: { api: { command: x, stopWhenIdle: 1m } }');
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(config.services[0]?.requests, { ...usualRequests, idleMs: 60_000 });
  });

  it('are pointless where no request can come, each at its place', () => {
    const keys =
      'concurrency: 1, affinity: cookie, timeouts: {}, startOnRequest: true, stopWhenIdle: 1m, scaling: manual';
    const places = ['39-50', '55-63', '73-81', '87-101', '109-121', '127-134'];
    const names = ['concurrency', 'affinity', 'timeouts', 'startOnRequest', 'stopWhenIdle', 'scaling'];
    assert.deepEqual(
      said(`handshake: none, ${keys}`),
      names.map(
        (name, index) =>
          `2:${places[index]} bad-value "${name}": with "handshake: none" there is no port, so no request comes. → Remove it, or set "handshake: port".`,
      ),
    );
    assert.deepEqual(said('handshake: none, startOnRequest: false, affinity: none'), []);
  });

  it('that make no sense say so', () => {
    assert.deepEqual(said('stopWhenIdle: 0s, concurrency: 0, affinity: sticky'), [
      '2:36-38 bad-value "stopWhenIdle": an instance would be stopped before its first request. → Give it some time, such as 10m, or remove the key.',
      '2:53-54 bad-value "concurrency": "0" is less than 1.',
      '2:66-72 bad-value "affinity": "sticky" is not one of none, cookie. → Did you mean "cookie"?',
    ]);
    assert.deepEqual(said('max_concurrent_requests: 5'), [
      '2:22-45 unknown-key "max_concurrent_requests" is not a key of a service. → Did you mean "concurrency"?',
    ]);
  });
});
