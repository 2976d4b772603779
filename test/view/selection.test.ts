import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subject } from '../../src/view/subject.ts';
import { targetsOf } from '../../src/view/selection.ts';
import { instance, service, snapshot } from './samples.ts';

const source = { file: '/shop/supervisord.conf', line: 9, column: 1, endLine: 9, endColumn: 2 };
const shop = snapshot(
  [service('web', [instance('web.0'), instance('web.1')]), service('db', [instance('db.0')])],
  {
    groups: [{ name: 'back', source, services: ['db'] }],
  },
);
const on = (kind: 'service' | 'group', name: string, folder = '/shop'): Subject =>
  kind === 'group' ? { kind, folder, group: name } : { kind, folder, service: name };
const one = (name: string): Subject => ({
  kind: 'instance',
  folder: '/shop',
  service: name.split('.')[0] ?? '',
  instance: name,
});

describe('an order to selected nodes', () => {
  it('to one node is an order to just that', () => {
    assert.deepEqual(targetsOf([one('web.1')], [shop]), [
      { folder: '/shop', target: { kind: 'instance', instance: 'web.1' } },
    ]);
  });

  it('to several is one order, so that the runtime can put them in their order', () => {
    assert.deepEqual(targetsOf([on('service', 'web'), on('group', 'back')], [shop]), [
      {
        folder: '/shop',
        target: {
          kind: 'several',
          targets: [
            { kind: 'service', service: 'web' },
            { kind: 'group', group: 'back' },
          ],
        },
      },
    ]);
  });

  it('counts what lies below another selected node with that one', () => {
    const all = [one('db.0'), on('service', 'db'), on('group', 'back'), on('service', 'web'), one('web.0')];
    assert.deepEqual(targetsOf(all, [shop]), [
      {
        folder: '/shop',
        target: {
          kind: 'several',
          targets: [
            { kind: 'group', group: 'back' },
            { kind: 'service', service: 'web' },
          ],
        },
      },
    ]);
  });

  it('in a whole folder means everything there', () => {
    assert.deepEqual(targetsOf([{ kind: 'folder', folder: '/shop' }, on('service', 'web')], [shop]), [
      { folder: '/shop', target: { kind: 'all' } },
    ]);
  });

  it('over two folders is one order for each', () => {
    const both = [on('service', 'web'), on('service', 'web', '/blog')];
    assert.deepEqual(
      targetsOf(both, [shop, snapshot([], { folder: '/blog' })]).map(({ folder }) => folder),
      ['/shop', '/blog'],
    );
  });
});
