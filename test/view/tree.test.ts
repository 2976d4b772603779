import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InstanceView } from '../../src/protocol/api.ts';
import { changedNodes } from '../../src/view/changes.ts';
import { type TreeNode, treeOf } from '../../src/view/tree.ts';
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
      description: 'RUNNING · :41234 · pid 4242 · 3m',
      icon: { id: 'pass-filled', color: 'testing.iconPassed' },
      context: 'instance:canStop:canRestart:canOpen:canShowLog:canGoToDefinition',
      accessibleLabel: 'api.0, instance, RUNNING, port 41234, pid 4242, for 3m',
      children: [],
    });
  });

  const table: readonly [string, Partial<InstanceView>, string, string, string][] = [
    ['STOPPED', {}, 'STOPPED', 'circle-outline', 'canStart'],
    ['STARTING', { pid: 7 }, 'STARTING · pid 7', 'loading~spin', 'canStop:canRestart'],
    [
      'BACKOFF',
      { attempt: 2, exit: { code: 3, expected: false } },
      'BACKOFF · attempt 2 · exited with code 3',
      'history',
      'canStop:canRestart',
    ],
    ['STOPPING', { pid: 7 }, 'STOPPING · pid 7', 'loading~spin', ''],
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

  it('offers its log file once it has one', () => {
    assert.match(nodeOf(instance('api.0', { logFile: '/logs/api.0.log' })).context, /:canOpenLogFile\b/);
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
    assert.equal(node.context, 'service:canStop:canRestart:canOpen:canDebug:canShowLog:canGoToDefinition');
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
