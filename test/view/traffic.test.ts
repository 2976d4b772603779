import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InstanceView, ServiceView, TrafficView } from '../../src/protocol/api.ts';
import { serviceCapabilities } from '../../src/view/capabilities.ts';
import { changedFlows, changedNodes } from '../../src/view/changes.ts';
import { badgeOf } from '../../src/view/badge.ts';
import { machineRows } from '../../src/view/machine.ts';
import { statusOf } from '../../src/view/status.ts';
import { tooltipOf } from '../../src/view/tooltip.ts';
import { formatMs, formatRate } from '../../src/view/traffic.ts';
import { flat, type TreeNode, treeOf } from '../../src/view/tree.ts';
import { english } from '../../src/view/words.ts';
import { instance, now, running, service, snapshot } from './samples.ts';

function traffic(more: Partial<TrafficView> = {}): TrafficView {
  return {
    requests: 7204,
    errors: 0,
    busy: 0,
    perSecond: 120.4,
    median: 3.04,
    p95: 12,
    p99: 40.2,
    ...more,
  };
}

function rowsOf(view: ServiceView): { readonly own: TreeNode; readonly first: TreeNode } {
  const [own] = treeOf([snapshot([view])], now);
  const [first] = own?.children ?? [];
  assert.ok(own !== undefined && first !== undefined);
  return { own, first };
}

const tooltip = (view: ServiceView, of?: InstanceView): string =>
  tooltipOf(
    snapshot([view]),
    of === undefined
      ? { kind: 'service', folder: '/shop', service: view.name }
      : { kind: 'instance', folder: '/shop', service: view.name, instance: of.name },
    { now, t: english },
  ) ?? '';

const asleep = instance('web.0', { asleep: true });

describe('what an instance does with requests', () => {
  it('stands in its row in few words, behind its port, and is spoken', () => {
    const { first, own } = rowsOf(service('web', [running('web.0', 51_234, { traffic: traffic() })]));
    assert.equal(first.description, 'RUNNING · :51234 · 120/s · 3 ms · 3m · pid 4242');
    assert.match(first.accessibleLabel, /, 120 requests a second$/);
    assert.equal(own.description, 'RUNNING · 120/s');
  });

  it('leaves the row once the last minute had no request', () => {
    const quiet = running('web.0', 51_234, { traffic: traffic({ perSecond: 0, median: 0 }) });
    const { first, own } = rowsOf(service('web', [quiet]));
    assert.equal(first.description, 'RUNNING · :51234 · 3m · pid 4242');
    assert.equal(own.description, 'RUNNING');
  });

  it('is counted where it is less than one a second, so that the row changes with requests and not with time', () => {
    const few = (requests: number, perSecond: number): InstanceView =>
      running('web.0', 1, { traffic: traffic({ requests, perSecond, median: 9.45 }) });
    for (const perSecond of [0.98, 0.5, 0.02]) {
      const { first, own } = rowsOf(service('web', [few(12, perSecond)]));
      assert.match(first.description, / · 12 requests · 9\.4 ms · /);
      assert.equal(own.description, 'RUNNING · 12 requests');
    }
    assert.match(rowsOf(service('web', [few(1, 0.5)])).own.accessibleLabel, /, 1 request$/);
  });

  it('is not told of one that is at rest', () => {
    const { own, first } = rowsOf(service('web', [instance('web.0', { traffic: traffic() })]));
    assert.equal(first.description, 'STOPPED');
    assert.equal(own.description, 'STOPPED');
  });

  it('changes the row only when two digits of it change, so that a steady one stays as it is', () => {
    const texts = [120.4, 123, 117].map(formatRate);
    assert.deepEqual(texts, ['120', '120', '120']);
    assert.deepEqual([0.017, 3.44, 45, 4512].map(formatRate), ['0.017', '3.4', '45', '4500']);
    assert.deepEqual([0.412, 3.04, 12.6, 1530].map(formatMs), ['0.41 ms', '3 ms', '13 ms', '1.5 s']);
  });

  it('is told in full by the tooltip: counts, failures, what is under way, and how long answers take', () => {
    const view = running('web.0', 1, { traffic: traffic({ errors: 3, busy: 2 }) });
    const text = tooltip(service('web', [view]), view);
    assert.match(text, /- Requests: 7204, 3 of them failed/);
    assert.match(text, /- Under way: 2/);
    assert.match(text, /- Last minute: 120 a second/);
    assert.match(text, /- Answered within: 3 ms \\\(median\\\), 12 ms \\\(95 %\\\), 40 ms \\\(99 %\\\)/);
  });

  it('is not told before there was a request', () => {
    const view = running('web.0', 1);
    assert.doesNotMatch(tooltip(service('web', [view]), view), /Requests|Under way/);
    assert.doesNotMatch(tooltip(service('web', [view])), /Requests/);
  });

  it('is summed up over the instances of a service', () => {
    const view = service('web', [
      running('web.0', 1, { traffic: traffic({ errors: 1 }) }),
      running('web.1', 2, { traffic: traffic({ requests: 96, perSecond: 80 }) }),
      instance('web.2'),
    ]);
    assert.match(rowsOf(view).own.description, / · 200\/s$/);
    assert.match(tooltip(view), /- Requests: 7300, 1 of them failed/);
  });
});

describe('a row whose requests change from second to second', () => {
  const tree = (more?: Partial<TrafficView>, port = 1): readonly TreeNode[] =>
    treeOf(
      [
        snapshot([
          service('web', [running('web.0', port, more === undefined ? {} : { traffic: traffic(more) })]),
        ]),
      ],
      now,
    );

  it('is not drawn at once for that, so that a card can be read over it, but when it is looked for', () => {
    const [before, after] = [tree({ perSecond: 120 }), tree({ perSecond: 340, median: 5 })];
    assert.deepEqual(changedNodes(before, after), []);
    const drawn = new Map(flat(before).map(({ id, flow }) => [id, flow?.shown]));
    assert.deepEqual(changedFlows(drawn, flat(after)), ['service:/shop#web', 'instance:/shop#web.0']);
    assert.deepEqual(changedFlows(drawn, flat(before)), []);
    // What the editor has never asked for, it will.
    assert.deepEqual(changedFlows(new Map(), flat(after)), []);
  });

  it('is drawn at once when requests come, when they end, and for whatever else is new', () => {
    for (const [before, after] of [
      [tree(), tree({})],
      [tree({}), tree({ perSecond: 0 })],
      [tree({}), tree({ perSecond: 7 }, 2)],
    ] as const)
      assert.notDeepEqual(changedNodes(before, after), []);
  });
});

describe('an instance that gets no requests', () => {
  it('says so when it is asleep, with a closed eye of its own, and needs nobody', () => {
    const { own, first } = rowsOf(service('web', [asleep]));
    // Its state is spoken, where nothing is cut off, and stands in its card.
    assert.equal(first.description, 'asleep, starts with the first request');
    assert.equal(own.description, 'asleep, starts with the first request');
    assert.match(own.accessibleLabel, /STOPPED, asleep, starts with the first request/);
    assert.deepEqual(first.icon, { id: 'eye-closed' });
    assert.deepEqual(own.icon, { id: 'eye-closed' });
    assert.match(first.accessibleLabel, /STOPPED, asleep, starts with the first request/);
    assert.equal(badgeOf([snapshot([service('web', [asleep])])]), undefined);
  });

  it('is not called asleep when a person has stopped it', () => {
    const { first } = rowsOf(service('web', [instance('web.0')]));
    assert.equal(first.description, 'STOPPED');
    assert.deepEqual(first.icon, { id: 'circle-outline' });
  });

  it('leaves a service green whose others run', () => {
    const { own } = rowsOf(service('web', [running('web.0', 1), { ...asleep, name: 'web.1', index: 1 }]));
    assert.equal(own.icon.id, 'pass-filled');
    assert.equal(own.description, '1/2 RUNNING · 1 asleep');
  });

  it('says its state as long as there is more to it than sleep', () => {
    const waitingFor = [{ service: 'db', condition: 'ready', reason: 'STARTING', stuck: false }] as const;
    const { first, own } = rowsOf(service('web', [{ ...asleep, waitingFor }]));
    assert.match(first.description, /^STOPPED · waiting for db/);
    assert.match(own.description, /^STOPPED · waiting for db/);
    const mixed = service('web', [asleep, instance('web.1', { state: 'FATAL' }), instance('web.2')]);
    assert.equal(rowsOf(mixed).own.description, '0/3 RUNNING, FATAL, STOPPED · 1 asleep');
  });

  it('gives its group no state to worry about', () => {
    const source = { file: '/shop/runtimes.yaml', line: 9, column: 1, endLine: 9, endColumn: 2 };
    const groups = [{ name: 'back', source, services: ['web', 'api'] }];
    const [group] = treeOf(
      [snapshot([service('web', [asleep]), service('api', [running('api.0', 1)])], { groups })],
      now,
    );
    assert.equal(group?.description, '1/2 RUNNING · 2 services');
    const [all] = treeOf([snapshot([service('web', [asleep]), service('api', [asleep])], { groups })], now);
    assert.equal(all?.description, 'asleep · 2 services');
  });

  it('says how many requests it finishes while it is being stopped', () => {
    const draining = (count: number): InstanceView =>
      running('web.0', 1, { state: 'STOPPING', draining: count });
    const { first, own } = rowsOf(service('web', [draining(3)]));
    assert.equal(first.description, 'STOPPING · finishing 3 requests · :1 · pid 4242');
    assert.match(own.description, /^STOPPING · finishing 3 requests/);
    assert.match(rowsOf(service('web', [draining(1)])).first.description, /finishing 1 request ·/);
    assert.doesNotMatch(rowsOf(service('web', [draining(0)])).first.description, /finishing/);
  });

  it('says why it is out of service, with a sign and a colour of its own', () => {
    const view = running('web.0', 1, { outOfService: 'it refused connections' });
    const { first, own } = rowsOf(service('web', [view, running('web.1', 2)]));
    assert.match(first.description, /^RUNNING · gets no requests: it refused connections · :1/);
    assert.deepEqual(first.icon, { id: 'circle-slash', color: 'problemsWarningIcon.foreground' });
    assert.equal(own.icon.id, 'circle-slash');
    assert.match(own.description, /1 out of service/);
    assert.match(tooltip(service('web', [view]), view), /gets no requests: it refused connections/);
  });
});

describe('a service', () => {
  it('says what waits for its instances, in its row and in its tooltip', () => {
    const view = service('web', [running('web.0', 1)], { queue: 4 });
    assert.equal(rowsOf(view).own.description, 'RUNNING · 4 in the queue');
    assert.match(tooltip(view), /4 in the queue/);
  });

  it('says who decides how many of its instances run', () => {
    const told = (more: Partial<ServiceView>): string => tooltip(service('web', [asleep], more));
    assert.match(told({ scaling: 'automatic' }), /- Instances: as many as the requests need/);
    assert.match(told({ scaling: 'basic' }), /- Instances: started by requests, stopped when idle/);
    assert.match(
      told({ scaling: 'automatic', treatment: { maxInstances: 5, idle: { least: 1, most: 4 } } }),
      /- Instances: as many as the requests need, 5 at most, 1 to 4 kept idle\n/,
    );
    const unlimited = (least: number): string =>
      told({ scaling: 'automatic', treatment: { maxInstances: 3, idle: { least, most: 1000 } } });
    assert.match(
      unlimited(1),
      /- Instances: as many as the requests need, 3 at most, at least 1 kept idle\n/,
    );
    assert.match(unlimited(0), /- Instances: as many as the requests need, 3 at most\n/);
    assert.match(
      told({ scaling: 'automatic', treatment: { idle: { least: 1, most: 4 } } }),
      /- Instances: as many as the requests need, 1 to 4 kept idle\n/,
    );
    assert.match(
      told({ scaling: 'automatic', treatment: { idle: { least: 1, most: 1 } } }),
      /- Instances: as many as the requests need, 1 kept idle\n/,
    );
    assert.match(
      told({ scaling: 'basic', treatment: { maxInstances: 5, idleMs: 300_000 } }),
      /- Instances: started by requests, 5 at most, stopped after 5m without one\n/,
    );
    assert.match(
      told({ onRequest: true, treatment: { idleMs: 60_000 } }),
      /- Instances: started by the first request, stopped after 1m without one\n/,
    );
    assert.match(told({ treatment: { idleMs: 1500 } }), /- Instances: stopped after 1\.5 s without one\n/);
    assert.match(told({ scaling: 'manual' }), /- Instances: always as many as asked for/);
    assert.match(told({ onRequest: true }), /- Instances: started by the first request/);
    assert.doesNotMatch(told({}), /- Instances/);
  });

  it('says how its requests are treated, where that is not as usual', () => {
    const told = (treatment: NonNullable<ServiceView['treatment']>): string =>
      tooltip(service('web', [asleep], { treatment }));
    assert.match(told({ profile: 'appengine' }), /- Profile: App Engine\n/);
    assert.match(told({ affinity: 'cookie' }), /- Affinity: a browser stays with its instance\n/);
    assert.match(
      told({ concurrency: 2, queueMs: 10_000 }),
      /- At once: 2 requests an instance, others wait up to 10 s\n/,
    );
    assert.match(told({ concurrency: 1, queueMs: 0 }), /- At once: 1 request an instance, others wait\n/);
    const backend = { failFast: true, dynamic: true, public: false };
    const failing = told({ concurrency: 1, backend });
    assert.match(failing, /- At once: 1 request an instance\n/);
    assert.match(failing, /- Backend: failfast \\\(answers 503 while busy\\\), dynamic\n/);
    assert.match(
      told({ concurrency: 1, backend: { ...backend, failFast: false } }),
      /others wait\n- Backend: dynamic\n/,
    );
    assert.doesNotMatch(told({}), /Profile|At once|Affinity|Backend/);
  });

  it('says where its port comes from and how the other side learns it', () => {
    const told = (handshake: string, more: Partial<ServiceView> = {}): string | undefined =>
      /- Port: (.*)/.exec(tooltip(service('web', [asleep], { handshake, ...more })))?.[1];
    assert.equal(told('port'), 'ours, handed over as PORT');
    assert.equal(told('port', { fixedPort: 8080 }), '8080, handed over as PORT');
    assert.equal(told('discover'), 'ours, handed over as PORT, or whichever it opens');
    assert.equal(told('stdout'), 'its own, told on stdout');
    assert.equal(told('file'), 'its own, told in a file');
    assert.equal(told('reverse'), 'ours, handed over as PORT and in a file');
    assert.equal(told('reverse-no-file'), 'ours, handed over on stdin');
    assert.equal(told('none'), undefined);
  });

  it('can be scaled by hand unless requests or a layout decide', () => {
    const can = (more: Partial<ServiceView>): boolean => {
      const view = service('web', [asleep], more);
      return serviceCapabilities(view, snapshot([view])).includes('canScale');
    };
    assert.ok(can({}) && can({ scaling: 'manual' }) && can({ role: 'app' }));
    assert.ok(!can({ scaling: 'automatic' }) && !can({ scaling: 'basic' }));
    assert.ok(!can({ role: 'backend' }) && !can({ role: 'api-server' }));
  });

  it('is called what it is: an API server, an application, a backend', () => {
    const label = (role: NonNullable<ServiceView['role']>): string =>
      rowsOf(service('x', [running('x.0', 1)], { role })).own.accessibleLabel;
    assert.equal(label('api-server'), 'x, API server, RUNNING');
    assert.equal(label('backend'), 'x, backend, RUNNING');
    assert.equal(label('app'), 'x, application, RUNNING');
    assert.equal(label('service'), 'x, service, RUNNING');
    const backend = service('x', [running('x.0', 1)], { role: 'backend' });
    assert.equal(rowsOf(backend).own.description, 'RUNNING · backend');
    // A narrow sidebar shows what it is, rather than its port.
    const api = service('x', [running('x.0', 1)], { role: 'api-server', url: 'http://127.0.0.1:42071/' });
    assert.equal(rowsOf(api).own.description, 'RUNNING · API server · :42071');
    assert.match(tooltip(backend), /^\*\*x\*\* backend/);
  });

  it('has all its addresses in the tooltip, and an instance its own at the front door', () => {
    const url = 'http://127.0.0.1:8001/';
    const namedUrl = 'http://web.localhost:8000/';
    const one = running('web.0', 1, { url: 'http://web.0.localhost:8000/' });
    const view = service('web', [one], { url, namedUrl });
    assert.match(tooltip(view), /Address: <http:\/\/127\.0\.0\.1:8001\/>, <http:\/\/web\.localhost:8000\/>/);
    assert.match(tooltip(view, one), /- At the front door: http:\/\/web\.0\.localhost:8000\//);
    assert.ok(serviceCapabilities(view, snapshot([view])).includes('canCopyNamed'));
  });

  it('that is asleep is counted as such in the status bar', () => {
    const line = statusOf([snapshot([service('web', [asleep]), service('api', [running('api.0', 1)])])]);
    assert.equal(line?.text, '1/2 running, 1 asleep');
    assert.match(line?.tooltip ?? '', /web: STOPPED, asleep, starts with the first request/);
  });
});

describe('everything that runs on this machine', () => {
  const host = { kind: 'daemon', pid: 7, since: now - 120_000, self: false } as const;
  const services = [
    { name: 'api', url: 'http://127.0.0.1:8001/', running: 2, instances: 3 },
    { name: 'jobs', running: 1, instances: 1 },
  ];

  it('is listed folder by folder, ours first, each with its services', () => {
    const rows = machineRows(
      [
        { ...host, folder: '/b/shop', services },
        { ...host, folder: '/a/blog', kind: 'up', services: [] },
        { ...host, folder: '/z/ours', kind: 'window', self: true, services: [] },
      ],
      now,
    );
    assert.deepEqual(
      rows.map(({ label, description }) => `${label}: ${description}`),
      [
        'ours: this window · pid 7 · for 2m · /z/ours',
        'blog: "runtimes up" · pid 7 · for 2m · /a/blog',
        'shop: a daemon · pid 7 · for 2m · /b/shop',
        'api: 2/3 running · http://127.0.0.1:8001/',
        'jobs: 1/1 running',
      ],
    );
  });

  it('says who is asleep, which is nothing that fails to run', () => {
    const sleepers = [
      { name: 'docs', running: 0, instances: 1, asleep: 1 },
      { name: 'shop', running: 1, instances: 3, asleep: 1 },
    ];
    const rows = machineRows([{ ...host, folder: '/b/shop', services: sleepers }], now);
    assert.deepEqual(
      rows.slice(1).map(({ description }) => description),
      ['asleep', '1/3 running, 1 asleep'],
    );
  });

  it('leads to an address where there is one, and else to the folder', () => {
    const rows = machineRows([{ ...host, folder: '/b/shop', services }], now);
    assert.deepEqual(
      rows.map(({ kind, url, folder, icon }) => ({ kind, url, folder, icon })),
      [
        { kind: 'folder', url: undefined, folder: '/b/shop', icon: 'root-folder' },
        { kind: 'service', url: 'http://127.0.0.1:8001/', folder: '/b/shop', icon: 'globe' },
        { kind: 'service', url: undefined, folder: '/b/shop', icon: 'server-process' },
      ],
    );
  });
});
