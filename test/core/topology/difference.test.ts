import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { isSameProcess } from '../../../src/core/topology/difference.ts';
import { specOf } from '../../support/spec.ts';
import { backend } from './crew.ts';

describe('a process of an application whose definition has changed', () => {
  const was = backend('worker', 1, { ports: [9100] });
  const { requests } = specOf({});
  const kind = {
    name: 'worker',
    class: 'B2',
    public: false,
    dynamic: false,
    failFast: true,
    index: 1,
  } as const;

  const same: Readonly<Record<string, Partial<ServiceSpec>>> = {
    'how it treats requests': { requests: { ...requests, concurrency: 3, drainMs: 0 } },
    'whether it fails fast': { backend: kind },
    'how it is asked to end': { stopRequest: { path: '/bye', withinMs: 5000 } },
    'the port of its balancer': { publish: 9099 },
  };
  for (const [what, part] of Object.entries(same))
    it(`goes on where only ${what} is another`, () => {
      assert.equal(isSameProcess(was, { ...was, ...part }), true);
    });

  const other: Readonly<Record<string, Partial<ServiceSpec>>> = {
    'its own port': { ports: [9200] },
    'its command': { command: ['other'] },
    'its environment': { env: { A: 'b' } },
    'what it is': { role: 'app' },
  };
  for (const [what, part] of Object.entries(other))
    it(`starts again where ${what} is another`, () => {
      assert.equal(isSameProcess(was, { ...was, ...part }), false);
    });
});
