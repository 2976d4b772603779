import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupView, InstanceView, ServiceView } from '../../src/protocol/api.ts';
import { changedNodes } from '../../src/view/changes.ts';
import { finishedCount } from '../../src/view/finished.ts';
import { needsOf } from '../../src/view/needs.ts';
import { flat, type TreeNode, treeOf } from '../../src/view/tree.ts';
import { fault, instance, now, running, service, snapshot } from './samples.ts';

function only(nodes: readonly TreeNode[] | undefined): TreeNode {
  assert.equal(nodes?.length, 1);
  const [node] = nodes ?? [];
  assert.ok(node !== undefined);
  return node;
}

const nodeOf = (view: InstanceView): TreeNode =>
  only(only(treeOf([snapshot([service(view.service, [view])])], now)).children);

describe('an instance in the tree', () => {
  it('says its state, port, pid and uptime, in the description and to a screen reader', () => {
    assert.deepEqual(nodeOf(running('api.0', 41_234)), {
      id: 'instance:/shop#api.0',
      subject: { kind: 'instance', folder: '/shop', service: 'api', instance: 'api.0' },
      label: 'api.0',
      description: 'RUNNING · :41234 · 3m · pid 4242',
      icon: { id: 'pass-filled', color: 'testing.iconPassed' },
      context: 'instance:canStop:canRestart:canOpen:canSignal:canShowLog:canGoToDefinition',
      accessibleLabel: 'api.0, instance, RUNNING, port 41234, pid 4242, for 3m',
      children: [],
    });
  });

  it('says no uptime under a minute, which would be stale before it is read', () => {
    const young = nodeOf(running('api.0', 1, { since: now - 59_999 }));
    assert.equal(young.description, 'RUNNING · :1 · pid 4242');
    assert.equal(young.accessibleLabel, 'api.0, instance, RUNNING, port 1, pid 4242');
    const older = nodeOf(running('api.0', 1, { since: now - 60_000 }));
    assert.match(older.description, / · 1m · /);
    assert.match(older.accessibleLabel, /, for 1m$/);
  });

  const table: readonly [string, Partial<InstanceView>, string, string, string][] = [
    ['STOPPED', {}, 'STOPPED', 'circle-outline', 'canStart'],
    ['STARTING', { pid: 7 }, 'STARTING · pid 7', 'loading~spin', 'canStop:canRestart:canSignal'],
    [
      'BACKOFF',
      { attempt: 2, exit: { code: 3, expected: false } },
      'BACKOFF · attempt 2 · exited with code 3',
      'history',
      'canStop:canRestart',
    ],
    ['STOPPING', { pid: 7 }, 'STOPPING · pid 7', 'loading~spin', 'canSignal'],
    ['EXITED', { exit: { code: 0, expected: true } }, 'EXITED · exited with code 0', 'pass', 'canStart'],
    [
      'EXITED',
      { exit: { signal: 'SIGKILL', expected: false } },
      'EXITED · was killed by SIGKILL',
      'error',
      'canStart',
    ],
    ['FATAL', { fault: fault() }, 'FATAL · api.0 exited with code 3.', 'error', 'canStart'],
    [
      'FATAL',
      { fault: fault(), reason: 'gave up after 4 tries' },
      'FATAL · gave up after 4 tries',
      'error',
      'canStart',
    ],
    ['UNKNOWN', {}, 'UNKNOWN', 'question', 'canStart'],
    [
      'FATAL',
      { spawnError: "can't find command 'nope'" },
      "FATAL · can't find command 'nope'",
      'error',
      'canStart',
    ],
    [
      'STOPPED',
      { waitingFor: [{ service: 'db', condition: 'healthy', reason: 'not healthy', stuck: false }] },
      'STOPPED · waiting for db (not healthy)',
      'watch',
      'canStop',
    ],
    [
      'EXITED',
      {
        exit: { code: 3, expected: false },
        waitingFor: [{ service: 'db', condition: 'ready', reason: 'FATAL', stuck: true }],
      },
      'EXITED · waiting for db (FATAL)',
      'watch',
      'canStop',
    ],
  ];
  for (const [state, more, description, icon, able] of table) {
    it(`is shown as "${description}" and can ${able || 'do nothing'}`, () => {
      const view = instance('api.0', more);
      const node = nodeOf({ ...view, state: state as InstanceView['state'] });
      const context = ['instance', able, 'canShowLog', 'canGoToDefinition']
        .filter((part) => part !== '')
        .join(':');
      assert.deepEqual([node.description, node.icon.id, node.context], [description, icon, context]);
    });
  }

  it('is doubtful while a crash of before is remembered as a warning', () => {
    const view = running('api.0', 1, { fault: fault({ severity: 'warning', message: 'It had died.' }) });
    assert.equal(nodeOf(view).icon.id, 'warning');
    assert.match(nodeOf(view).description, /It had died\./);
  });

  it('does not show the port of a process that is gone', () => {
    assert.equal(nodeOf(instance('api.0', { state: 'EXITED', port: 41_234 })).description, 'EXITED');
  });

  it('can be sent input only where its standard input stays open', () => {
    const contextOf = (more: Partial<ServiceView>, view: InstanceView): string =>
      only(only(treeOf([snapshot([service('api', [view], more)])], now)).children).context;
    assert.match(contextOf({ takesInput: true }, running('api.0', 1)), /:canSignal:canSendInput:/);
    assert.doesNotMatch(contextOf({}, running('api.0', 1)), /canSendInput/);
    assert.doesNotMatch(contextOf({ takesInput: true }, instance('api.0')), /canSendInput/);
  });

  it('offers its log file once it has one', () => {
    const { context } = nodeOf(instance('api.0', { logFile: '/logs/api.0.log' }));
    assert.match(context, /:canOpenLogFile:canClearLog\b/);
  });

  it('is doubtful while it is unhealthy, and says so; of health it says nothing', () => {
    const ill = nodeOf(running('api.0', 1, { health: 'unhealthy' }));
    assert.deepEqual(
      [ill.icon.id, ill.description, ill.accessibleLabel],
      [
        'warning',
        'RUNNING · unhealthy · :1 · 3m · pid 4242',
        'api.0, instance, RUNNING, unhealthy, port 1, pid 4242, for 3m',
      ],
    );
    const known = fault({ code: 'unhealthy', severity: 'warning', message: 'api.0 is not healthy: …' });
    const told = nodeOf(running('api.0', 1, { health: 'unhealthy', fault: known }));
    assert.deepEqual([told.icon.id, told.description], [ill.icon.id, ill.description]);
    const well = nodeOf(running('api.0', 1, { health: 'healthy' }));
    assert.deepEqual([well.icon.id, well.description], ['pass-filled', 'RUNNING · :1 · 3m · pid 4242']);
  });

  it('tells a screen reader what it waits for', () => {
    const waitingFor = [
      { service: 'db', condition: 'healthy', reason: 'not healthy', stuck: false },
    ] as const;
    assert.equal(
      nodeOf(instance('api.0', { waitingFor })).accessibleLabel,
      'api.0, instance, STOPPED, waiting for db (not healthy)',
    );
  });
});

describe('a service in the tree', () => {
  const states = (...list: readonly InstanceView['state'][]): TreeNode =>
    only(
      treeOf(
        [
          snapshot([
            service(
              'api',
              list.map((state, index) => instance(`api.${index}`, { state })),
            ),
          ]),
        ],
        now,
      ),
    );

  const table: readonly [readonly InstanceView['state'][], string, string][] = [
    [['RUNNING'], 'RUNNING', 'pass-filled'],
    [['RUNNING', 'RUNNING'], '2 RUNNING', 'pass-filled'],
    [['RUNNING', 'STOPPED'], '1/2 RUNNING, STOPPED', 'color-mode'],
    [['RUNNING', 'FATAL', 'BACKOFF'], '1/3 RUNNING, BACKOFF, FATAL', 'error'],
    [['RUNNING', 'BACKOFF'], '1/2 RUNNING, BACKOFF', 'history'],
    [['RUNNING', 'STARTING'], '1/2 RUNNING, STARTING', 'loading~spin'],
    [['STOPPED', 'STOPPED'], '2 STOPPED', 'circle-outline'],
    [['EXITED', 'STOPPED'], '0/2 RUNNING, EXITED, STOPPED', 'pass'],
  ];
  for (const [list, description, icon] of table) {
    it(`of ${list.join(', ')} rolls up to ${icon}`, () => {
      const node = states(...list);
      assert.deepEqual([node.description, node.icon.id], [description, icon]);
    });
  }

  it('shows its front-door port and can be opened', () => {
    const url = 'http://127.0.0.1:8123/';
    const node = only(
      treeOf([snapshot([service('api', [running('api.0', 1)], { url, debuggable: true })])], now),
    );
    assert.equal(node.description, 'RUNNING · :8123');
    assert.equal(
      node.context,
      'service:canStop:canRestart:canOpen:canDebug:canScale:canShowLog:canGoToDefinition',
    );
    assert.equal(node.accessibleLabel, 'api, service, RUNNING, http://127.0.0.1:8123/');
  });

  it('shows its single instance as a child, too', () => {
    assert.deepEqual(
      states('RUNNING').children.map(({ label }) => label),
      ['api.0'],
    );
  });

  it('can be started and stopped at once when its instances differ', () => {
    assert.match(states('RUNNING', 'STOPPED').context, /^service:canStart:canStop\b/);
  });

  it('turns red for a fault of its own, and says it', () => {
    const own = fault({ code: 'port-taken', message: 'Port 80 is taken.' });
    const node = only(treeOf([snapshot([service('api', [running('api.0', 1)], { faults: [own] })])], now));
    assert.deepEqual([node.icon.id, node.description], ['error', 'RUNNING · Port 80 is taken.']);
  });
});

describe('a service with dependencies', () => {
  const wait = { service: 'db', condition: 'healthy', reason: 'not healthy', stuck: false } as const;
  const dependsOn = { db: 'healthy' } as const;
  const contextWith = (db: InstanceView, web: Partial<InstanceView>): string => {
    const services = [service('db', [db]), service('web', [instance('web.0', web)], { dependsOn })];
    return treeOf([snapshot(services)], now).at(-1)?.context ?? '';
  };

  it('says once what its instances wait for, and can be called off or started anyway', () => {
    const instances = [0, 1].map((index) => instance(`web.${index}`, { waitingFor: [wait] }));
    const node = only(treeOf([snapshot([service('web', instances, { dependsOn })])], now));
    assert.equal(node.description, '2 STOPPED · waiting for db (not healthy)');
    assert.equal(node.accessibleLabel, 'web, service, 2 STOPPED, waiting for db (not healthy)');
    assert.equal(node.icon.id, 'watch');
    assert.match(node.context, /^service:canStartAnyway:canStop:canScale\b/);
  });

  it('can be started anyway while it would have to wait, and not once it has what it needs', () => {
    assert.match(contextWith(instance('db.0'), {}), /^service:canStart:canStartAnyway\b/);
    assert.match(contextWith(running('db.0', 1, { health: 'unhealthy' }), {}), /:canStartAnyway\b/);
    assert.doesNotMatch(contextWith(running('db.0', 1, { health: 'healthy' }), {}), /:canStartAnyway\b/);
  });

  const conditions: readonly [ServiceView['dependsOn'][string], Partial<InstanceView>, boolean][] = [
    ['started', { state: 'STARTING', pid: 7 }, true],
    ['started', {}, false],
    ['ready', { state: 'STARTING', pid: 7 }, false],
    ['ready', { state: 'RUNNING', pid: 7 }, true],
    ['healthy', { state: 'RUNNING', health: 'unknown' }, false],
    ['healthy', { state: 'RUNNING' }, true],
    ['healthy', { state: 'EXITED', exit: { code: 0, expected: true } }, true],
    ['exited', { state: 'RUNNING', pid: 7 }, false],
    ['exited', { state: 'EXITED', exit: { code: 0, expected: true } }, true],
    ['exited', { state: 'EXITED', exit: { code: 1, expected: false } }, false],
  ];
  for (const [condition, db, met] of conditions) {
    it(`${met ? 'has' : 'lacks'} what it needs when db is to be ${condition} and is ${JSON.stringify(db)}`, () => {
      const web = service('web', [instance('web.0')], { dependsOn: { db: condition } });
      const whole = snapshot([service('db', [instance('db.0', db)]), web]);
      assert.deepEqual(needsOf(web, whole), [{ service: 'db', condition, met }]);
    });
  }

  it('lacks what is not in the config', () => {
    const web = service('web', [instance('web.0')], { dependsOn: { gone: 'started' } });
    assert.equal(needsOf(web, snapshot([web]))[0]?.met, false);
  });
});

describe('a group in the tree', () => {
  const source = { file: '/shop/runtimes.yaml', line: 20, column: 3, endLine: 20, endColumn: 7 };
  const group = (name: string, ...services: readonly string[]): GroupView => ({ name, source, services });
  const services = [
    service('web', [running('web.0', 1)], { url: 'http://127.0.0.1:8000/' }),
    service('lone', [instance('lone.0')]),
    service('db', [instance('db.0', { state: 'FATAL' })]),
  ];
  const tree = treeOf([snapshot(services, { groups: [group('back', 'db', 'web')] })], now);

  it('stands where its first service does, with its services in start order below it', () => {
    assert.deepEqual(
      tree.map(({ label, children }) => [label, ...children.map((child) => child.label)]),
      [
        ['back', 'db', 'web'],
        ['lone', 'lone.0'],
      ],
    );
  });

  it('rolls its services up, in words too, and can do what one of them can', () => {
    const [node] = tree;
    assert.deepEqual(
      [node?.id, node?.description, node?.icon.id, node?.accessibleLabel, node?.context],
      [
        'group:/shop#back',
        '1/2 RUNNING, FATAL · 2 services',
        'error',
        'back, group, 1/2 RUNNING, FATAL',
        'group:canStart:canStop:canRestart:canOpen:canGoToDefinition',
      ],
    );
  });

  it('keeps the name of a group and of a service of that name apart', () => {
    const own = treeOf([snapshot(services, { groups: [group('web', 'web', 'db')] })], now);
    const ids = flat(own).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('can only be looked at in an untrusted workspace', () => {
    const groups = [group('back', 'db')];
    const node = treeOf([snapshot(services, { groups, trusted: false })], now).find(
      ({ label }) => label === 'back',
    );
    assert.equal(node?.context, 'group:canGoToDefinition');
  });
});

describe('finished services', () => {
  const done = { state: 'EXITED', exit: { code: 0, expected: true } } as const;
  const job = (name: string, more: Partial<InstanceView>): ServiceView =>
    service(name, [instance(`${name}.0`, more)], { oneShot: true });
  const services = [
    job('migrate', done),
    job('crashed', { state: 'EXITED', exit: { code: 1, expected: false } }),
    job('fatal', { state: 'FATAL' }),
    job('again', {
      ...done,
      waitingFor: [{ service: 'db', condition: 'ready', reason: 'STARTING', stuck: false }],
    }),
    service('server', [instance('server.0', done)]),
  ];

  it('show a check mark', () => {
    assert.equal(only(treeOf([snapshot([job('migrate', done)])], now)).icon.id, 'pass');
  });

  it('are hidden on request; what ended otherwise, waits, or is no job stays', () => {
    const labels = treeOf([snapshot(services)], now, undefined, { hideFinished: true }).map(
      ({ label }) => label,
    );
    assert.deepEqual(labels, ['crashed', 'fatal', 'again', 'server']);
    assert.equal(finishedCount([snapshot(services)]), 1);
    assert.equal(treeOf([snapshot(services)], now).length, 5);
  });

  it('take a group with them that holds nothing else', () => {
    const source = { file: '/shop/runtimes.yaml', line: 20, column: 3, endLine: 20, endColumn: 7 };
    const groups = [{ name: 'setup', source, services: ['migrate'] }];
    assert.deepEqual(
      treeOf([snapshot([job('migrate', done)], { groups })], now, undefined, { hideFinished: true }),
      [],
    );
  });
});

describe('the tree', () => {
  it('can be looked at and not touched in an untrusted workspace', () => {
    const stopped = service('api', [instance('api.0')], { debuggable: true });
    const node = only(treeOf([snapshot([stopped], { trusted: false })], now));
    assert.equal(node.context, 'service:canShowLog:canGoToDefinition');
    assert.equal(only(node.children).context, 'instance:canShowLog:canGoToDefinition');
  });

  it('has the folder level only when several folders have a config', () => {
    const shop = snapshot([service('api', [running('api.0', 1)])]);
    const blog = snapshot([service('api', [instance('api.0')])], { folder: 'C:\\work\\blog\\' });
    const empty = snapshot([], { folder: '/empty', files: [] });
    assert.deepEqual(
      treeOf([shop, empty], now).map(({ id }) => id),
      ['service:/shop#api'],
    );
    assert.deepEqual(
      treeOf([shop, blog], now).map(({ label, description, accessibleLabel }) => [
        label,
        description,
        accessibleLabel,
      ]),
      [
        ['shop', '1/1 running', 'shop, folder, 1 of 1 services running'],
        ['blog', '0/1 running', 'blog, folder, 0 of 1 services running'],
      ],
    );
  });

  it('keeps equal names of two folders apart by their ids', () => {
    const two = ['/one', '/two'].map((folder) => snapshot([service('api', [instance('api.0')])], { folder }));
    const ids = treeOf(two, now).flatMap((node) => [
      node,
      ...node.children,
      ...node.children.flatMap((child) => child.children),
    ]);
    assert.equal(new Set(ids.map(({ id }) => id)).size, 6);
  });
});

describe('what has to be drawn again', () => {
  const tree = (...instances: readonly InstanceView[]): readonly TreeNode[] =>
    treeOf([snapshot([service('api', instances), service('web', [instance('web.0')])])], now);

  it('is nothing when nothing differs', () => {
    assert.deepEqual(changedNodes(tree(instance('api.0')), tree(instance('api.0'))), []);
  });

  it('is the one instance whose text differs while its service looks the same', () => {
    const before = tree(running('api.0', 1), running('api.1', 2));
    const after = tree(running('api.0', 1), running('api.1', 2, { since: now - 600_000 }));
    assert.deepEqual(changedNodes(before, after), ['instance:/shop#api.1']);
  });

  it('is the service when it differs, since its instances are drawn with it', () => {
    assert.deepEqual(changedNodes(tree(instance('api.0')), tree(running('api.0', 1))), ['service:/shop#api']);
  });

  it('is the service when it has one instance more', () => {
    const after = tree(instance('api.0'), instance('api.1'));
    assert.deepEqual(changedNodes(tree(instance('api.0')), after), ['service:/shop#api']);
  });

  it('is everything when the services are others', () => {
    assert.equal(changedNodes([], tree(instance('api.0'))), 'all');
  });
});

describe('a service that the config names and that cannot be run', () => {
  const message = 'Service "old" needs "command".';
  const source = { file: '/shop/runtimes.yaml', line: 7, column: 3, endLine: 7, endColumn: 6 };
  const shop = snapshot([service('api', [running('api.0', 1)])], {
    leftOut: [{ name: 'old', source, message }],
  });

  it('has a row that says why, leads to its line and offers no start', () => {
    const [, node] = treeOf([shop], now);
    assert.deepEqual(node, {
      id: 'service:/shop#old left out',
      subject: { kind: 'service', folder: '/shop', service: 'old' },
      label: 'old',
      description: `not run: ${message}`,
      icon: { id: 'error', color: 'problemsErrorIcon.foreground' },
      context: 'service:canGoToDefinition',
      accessibleLabel: `old, service, not run: ${message}`,
      opens: 'definition',
      children: [],
    });
  });

  it('counts among the services of its folder', () => {
    const [folder] = treeOf([shop, snapshot([], { folder: '/blog' })], now);
    assert.equal(folder?.description, '1/2 running');
  });
});
