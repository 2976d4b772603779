/** Which instance takes the next request, as tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Balancer, choose } from '../../src/core/proxy/balance.ts';
import type { BalanceName } from '../../src/config/spec.ts';

const named = (...names: string[]) =>
  names.map((name, index) => ({ name, host: '127.0.0.1', port: 4000 + index }));
const three = named('api.0', 'api.1', 'api.2');

const withBusy = (...busy: number[]) => busy.map((each, index) => ({ ...three[index]!, busy: each }));

test('the choice follows from the policy, what each is busy with, and who was last', () => {
  const table: [BalanceName, number[], number, number | undefined][] = [
    ['round-robin', [], -1, undefined],
    ['round-robin', [0, 0, 0], -1, 0],
    ['round-robin', [9, 9, 9], 0, 1],
    ['round-robin', [0, 0, 0], 2, 0],
    ['least-busy', [2, 1, 3], -1, 1],
    ['least-busy', [0, 0, 0], 0, 1],
    ['least-busy', [0, 0, 0], 2, 0],
    ['least-busy', [1, 0, 0], 1, 2],
    ['first-free', [0, 0, 0], 2, 0],
    ['first-free', [1, 0, 0], 2, 1],
    ['first-free', [2, 1, 2], 2, 1],
    ['first-free', [1, 1, 1], 2, 0],
  ];
  const outcome = table.map(([policy, busy, after]) => choose(policy, withBusy(...busy), after));
  assert.deepEqual(
    outcome,
    table.map(([, , , expected]) => expected),
  );
});

test('two instances share requests in turn, whether or not they are done', () => {
  const balancer = new Balancer('round-robin');
  const picks = Array.from({ length: 6 }, () => balancer.pick(three.slice(0, 2))?.instance.name);
  assert.deepEqual(picks, ['api.0', 'api.1', 'api.0', 'api.1', 'api.0', 'api.1']);
});

test('the turn goes on where it was when an instance leaves and comes back', () => {
  const balancer = new Balancer('round-robin');
  const names = [three, three, named('api.0', 'api.2'), named('api.0', 'api.2'), three, three].map(
    (ready) => balancer.pick(ready)?.instance.name,
  );
  assert.deepEqual(names, ['api.0', 'api.1', 'api.2', 'api.0', 'api.1', 'api.2']);
});

test('nothing is picked, and nothing counted, while no instance is ready', () => {
  const balancer = new Balancer('first-free');
  assert.equal(balancer.pick([]), undefined);
  assert.equal(balancer.busy('api.0'), 0);
});

test('an exchange counts until it is done, and being done twice counts once', () => {
  const balancer = new Balancer('least-busy');
  const first = balancer.pick(three)!;
  const second = balancer.pick([three[0]!])!;
  assert.equal(balancer.busy('api.0'), 2);
  first.done();
  first.done();
  assert.equal(balancer.busy('api.0'), 1);
  second.done();
  assert.equal(balancer.busy('api.0'), 0);
});

test('whatever comes and goes, the pick is one of the ready ones and the counts end at zero', () => {
  const policies = fc.constantFrom<BalanceName>('round-robin', 'least-busy', 'first-free');
  const steps = fc.array(fc.record({ ready: fc.subarray(three), finish: fc.nat(5) }), { maxLength: 40 });
  fc.assert(
    fc.property(policies, steps, (policy, sequence) => {
      const balancer = new Balancer(policy);
      const open: { done(): void }[] = [];
      for (const { ready, finish } of sequence) {
        const picked = balancer.pick(ready);
        assert.equal(picked !== undefined, ready.length > 0);
        if (picked !== undefined) {
          assert.ok(ready.some((each) => each === picked.instance));
          open.push(picked);
        }
        open.splice(finish % (open.length + 1), 1).forEach((each) => each.done());
      }
      for (const each of open) each.done();
      assert.deepEqual(
        three.map(({ name }) => balancer.busy(name)),
        [0, 0, 0],
      );
    }),
  );
});
