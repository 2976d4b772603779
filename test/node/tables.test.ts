/** Reading what other programs and the kernel print: tables, with texts of the platforms we are not on. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { parseLsof } from '../../src/node/listeners-lsof.ts';
import { parseNetstat } from '../../src/node/listeners-netstat.ts';
import { parseListeners } from '../../src/node/proc-net-tcp.ts';
import { relatives } from '../../src/node/process-tree.ts';
import { parsePs } from '../../src/node/processes-ps.ts';
import { parseCim } from '../../src/node/processes-windows.ts';
import { SettlingStamps } from '../../src/node/settling-stamp.ts';
import { sharedLook } from '../../src/node/shared-look.ts';

const rows = [
  { pid: 1, parent: 0, group: 1 },
  { pid: 10, parent: 1, group: 10, mark: 'm.1' },
  { pid: 11, parent: 10, group: 10, mark: 'm.1' },
  { pid: 12, parent: 11, group: 12 },
  { pid: 13, parent: 1, group: 13, mark: 'm.1' },
  { pid: 14, parent: 1, group: 14, mark: 'm.10' },
  { pid: 15, parent: 1, group: 15, mark: 'mm' },
];

for (const [title, kin, found] of [
  ['a group with its descendants', { groups: [10] }, [10, 11, 12]],
  ['a process with its descendants', { pids: [11] }, [11, 12]],
  ['a child by its mark', { mark: 'm.1' }, [10, 11, 12, 13]],
  ["all children by their host's mark", { mark: 'm' }, [10, 11, 12, 13, 14]],
  ['nobody', {}, []],
] as const) {
  test(`relatives: ${title}`, () => {
    assert.deepEqual(
      relatives(rows, kin).toSorted((a, b) => a - b),
      found,
    );
  });
}

test('relatives: a table that was torn while it was read does not go round for ever', () => {
  const torn = [
    { pid: 5, parent: 6, group: 5 },
    { pid: 6, parent: 5, group: 5 },
  ];
  assert.deepEqual(relatives(torn, { pids: [5] }).length, 2);
});

const heading =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                  \n';
const rest = '00000000:00000000 00:00000000 00000000     0        0';

test('the socket table gives hosts, ports and inodes, and ends with the first that does not listen', () => {
  const text =
    `${heading}   0: 0100007F:0BB8 00000000:0000 0A ${rest} 111 1 0 100 0 0 10 0\n` +
    `   1: 00000000:0050 00000000:0000 0A ${rest} 222 1 0 100 0 0 10 0\n` +
    `   2: 0100007F:0BB8 0100007F:D431 01 ${rest} 333 1 0 20 4 30 10 -1\n` +
    `   3: 00000000:0051 00000000:0000 0A ${rest} 444 1 0 100 0 0 10 0\n`;
  const found = [
    { host: '127.0.0.1', port: 3000, inode: '111' },
    { host: '0.0.0.0', port: 80, inode: '222' },
  ];
  assert.deepEqual(parseListeners(text), { rows: found, complete: true });
  // A row that has only been read in part is not there yet.
  const second = text.indexOf('222');
  assert.deepEqual(parseListeners(text.slice(0, second + 1)), { rows: found.slice(0, 1), complete: false });
  assert.deepEqual(parseListeners(heading), { rows: [], complete: false });
  assert.deepEqual(parseListeners(''), { rows: [], complete: false });
});

for (const [hex, host] of [
  ['00000000000000000000000001000000', '::1'],
  ['00000000000000000000000000000000', '::'],
  ['0000000000000000FFFF00000100007F', '127.0.0.1'],
  ['B80D0120000000000000000001000000', '2001:db8::1'],
] as const) {
  test(`the socket table knows ${host}`, () => {
    const text = `${heading}   0: ${hex}:0001 ${'0'.repeat(32)}:0000 0A ${rest} 1 1 0 100 0 0 10 0\n`;
    assert.deepEqual(parseListeners(text).rows, [{ host, port: 1, inode: '1' }]);
  });
}

test('lsof: each listener with its process and its family', () => {
  const text =
    'p100\nf20\ntIPv4\nn127.0.0.1:3000\nf21\ntIPv6\nn[::1]:3000\np200\nf5\ntIPv6\nn*:8080\nf6\ntIPv4\nn*:8080\n';
  assert.deepEqual(parseLsof(text), [
    { host: '127.0.0.1', port: 3000, pid: 100 },
    { host: '::1', port: 3000, pid: 100 },
    { host: '::', port: 8080, pid: 200 },
    { host: '0.0.0.0', port: 8080, pid: 200 },
  ]);
  assert.deepEqual(parseLsof(''), []);
  assert.equal(parseLsof(undefined), undefined);
});

test('netstat: listeners, whatever the word for it', () => {
  const text = [
    '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
    '  TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         1012',
    '  TCP    127.0.0.1:3000         127.0.0.1:50123        HERGESTELLT     4000',
    '  TCP    [::1]:3000             [::]:0                 ABHÖREN         4000',
    '  UDP    0.0.0.0:123            *:*                                    99',
  ].join('\r\n');
  assert.deepEqual(parseNetstat(text), [
    { host: '0.0.0.0', port: 135, pid: 1012 },
    { host: '::1', port: 3000, pid: 4000 },
  ]);
});

test('ps: rows without the dead, with the marks of those that show them', () => {
  const table = '    1     0     1 Ss\n  500     1   500 S+\n  501   500   500 Z\n  502   500   502 S\n';
  const environments = '  500 node server.js HOME=/x LOCAL_RUNTIMES_INSTANCE=m.1 LANG=C\n  502 sh -c true\n';
  assert.deepEqual(parsePs(table, environments), [
    { pid: 1, parent: 0, group: 1 },
    { pid: 500, parent: 1, group: 500, mark: 'm.1' },
    { pid: 502, parent: 500, group: 502 },
  ]);
});

test('CIM: pids and parents', () => {
  assert.deepEqual(parseCim('4 0\r\n1012 4\r\n\r\n'), [
    { pid: 4, parent: 0, group: 0 },
    { pid: 1012, parent: 4, group: 0 },
  ]);
});

test('a stamp changes with the descriptors, and for a while afterwards ever more seldom', () => {
  const stamps = new SettlingStamps();
  const looks = Array.from({ length: 4_000 }, (_, ms) => stamps.settle(7, ms < 100 ? 'a' : 'b', ms));
  const changes = looks.flatMap((stamp, ms) => (ms > 0 && stamp !== looks[ms - 1] ? [ms] : []));
  assert.deepEqual(
    changes.filter((ms) => ms >= 100).map((ms) => ms - 100),
    [0, 1, 3, 7, 15, 31, 63, 127, 255, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500],
  );
  assert.equal(stamps.settle(7, undefined, 5_000), undefined);
});

test('who asks while a look is under way shares the next one', async () => {
  const begun: PromiseWithResolvers<number>[] = [];
  const ask = sharedLook(() => {
    const one = Promise.withResolvers<number>();
    begun.push(one);
    return one.promise;
  });
  const first = [ask(), ask()];
  await Promise.resolve();
  assert.equal(begun.length, 1);
  const late = [ask(), ask()];
  begun[0]?.resolve(1);
  assert.deepEqual(await Promise.all(first), [1, 1]);
  await new Promise(setImmediate);
  assert.equal(begun.length, 2);
  begun[1]?.reject(new Error('torn'));
  assert.deepEqual(
    (await Promise.allSettled(late)).map((one) => one.status),
    ['rejected', 'rejected'],
  );
  const again = ask();
  await new Promise(setImmediate);
  begun[2]?.resolve(3);
  assert.equal(await again, 3);
});
