import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import {
  awaitReady,
  chooseListener,
  type Note,
  type Readiness,
} from '../../../src/core/handshake/await-ready.ts';
import { slowStartMs } from '../../../src/core/handshake/schedule.ts';
import { specOf } from '../../support/spec.ts';
import { FakeChild, World } from '../../support/world.ts';

class Wait {
  readonly world = new World();
  readonly child = new FakeChild({ argv: ['x'], cwd: '/', env: {} }, 7);
  readonly notes: Note[] = [];
  outcome: Readiness | undefined;

  constructor(spec: Partial<ServiceSpec>, port?: number, fileText = '') {
    this.world.texts.set('/p', fileText);
    void awaitReady({
      spec: specOf(spec),
      child: this.child,
      outside: this.world,
      env: {},
      ...(port === undefined ? {} : { port }),
      portFile: '/p',
      note: (note) => this.notes.push(note),
    }).then((outcome) => {
      this.outcome = outcome;
    });
  }
}

const kindOf = (outcome: Readiness | undefined): string | undefined => outcome?.kind;
const sentenceOf = (outcome: Readiness | undefined): string | undefined =>
  outcome?.kind === 'bad-port' ? outcome.sentence : undefined;

const check = { intervalMs: 1000, timeoutMs: 1000, failures: 3 };

describe('waiting for a given port', () => {
  it('is over at the first connection, without a further look (RP-29)', async () => {
    const wait = new Wait({}, 4000);
    await wait.world.pass(50);
    assert.equal(wait.outcome, undefined);
    wait.world.openPorts.add(4000);
    await wait.world.pass(5);
    assert.deepEqual(wait.outcome, { kind: 'ready', host: 'localhost', port: 4000 });
    const looks = wait.world.looks.length;
    await wait.world.pass(5000);
    assert.equal(wait.world.looks.length, looks);
  });

  it('of a server that complains of a bare connection is over when it is seen to listen', async () => {
    const wait = new Wait({ runtime: 'php' }, 4000);
    await wait.world.pass(50);
    wait.world.openPorts.add(4000);
    wait.world.listeners = [{ host: '127.0.0.1', port: 4000, pid: 7 }];
    await wait.world.pass(50);
    assert.deepEqual(wait.outcome, { kind: 'ready', host: 'localhost', port: 4000 });
    assert.ok(!wait.world.looks.some(({ what }) => what.startsWith('connect')));
    // One that listens by another program's hand, as in a container, is knocked at in the end.
    const elsewhere = new Wait({ runtime: 'php' }, 4000);
    elsewhere.world.openPorts.add(4000);
    await elsewhere.world.pass(3000);
    assert.equal(kindOf(elsewhere.outcome), 'ready');
  });

  it('never waits longer than the reference’s second between two looks (RP-29)', async () => {
    const wait = new Wait({}, 4000);
    await wait.world.pass(20_000);
    const connects = wait.world.looks.filter(({ what }) => what.startsWith('connect')).map(({ at }) => at);
    const gaps = connects.slice(1).map((at, index) => at - (connects[index] ?? 0));
    assert.ok(Math.max(...gaps) <= 50, `longest gap ${Math.max(...gaps)}`);
    assert.ok(gaps.slice(0, 250).every((gap) => gap <= 1));
  });

  it('ends with the child, at once (RP-30)', async () => {
    const wait = new Wait({}, 4000);
    await wait.world.pass(20);
    wait.child.end({ code: 1 });
    await wait.world.settle();
    assert.deepEqual(wait.outcome, { kind: 'gone' });
  });

  it('looks at once when the child prints', async () => {
    const wait = new Wait({}, 4000);
    await wait.world.pass(11_000);
    wait.world.openPorts.add(4000);
    wait.child.output.print('listening');
    await wait.world.settle();
    assert.equal(wait.outcome?.kind, 'ready');
  });

  it('says after half a minute what it waits for, once, and goes on', async () => {
    const wait = new Wait({}, 4000);
    await wait.world.pass(slowStartMs * 2);
    assert.deepEqual(wait.notes, [{ kind: 'slow', seconds: 30, awaited: 'nothing listens on port 4000' }]);
    wait.world.openPorts.add(4000);
    await wait.world.pass(100);
    assert.equal(wait.outcome?.kind, 'ready');
  });

  it('notices a child that listens elsewhere, after a grace for a side port', async () => {
    const wait = new Wait({}, 4000);
    wait.world.listeners = [{ host: '127.0.0.1', port: 5173, pid: 7 }];
    await wait.world.pass(1000);
    assert.deepEqual(wait.notes, []);
    await wait.world.pass(1500);
    assert.deepEqual(wait.notes, [{ kind: 'wrong-port', listeners: wait.world.listeners }]);
  });
});

describe('waiting for a port on stdout', () => {
  it('takes the host with it, and connects there (RP-3)', async () => {
    const wait = new Wait({ handshake: 'stdout' });
    wait.child.output.tellPort('::1\t34567\n');
    wait.world.openPorts.add(34_567);
    await wait.world.pass(5);
    assert.deepEqual(wait.outcome, { kind: 'ready', host: '::1', port: 34_567 });
  });

  it('that is none connects nowhere (RP-32)', async () => {
    const wait = new Wait({ handshake: 'stdout' });
    wait.child.output.tellPort('hello 30001\n');
    await wait.world.pass(5);
    assert.deepEqual(wait.outcome, {
      kind: 'bad-port',
      sentence: `bad runtime process port ['hello 30001\\n']`,
      how: 'the first line it printed to stdout',
    });
    assert.deepEqual(wait.world.looks, []);
  });

  it('that was closed by a dying child is a death with the reference’s sentence (RP-7)', async () => {
    const wait = new Wait({ handshake: 'stdout' });
    wait.child.output.end();
    await wait.world.pass(20);
    assert.equal(wait.outcome, undefined);
    wait.child.end({ code: 1 });
    await wait.world.settle();
    assert.deepEqual(wait.outcome, { kind: 'gone', sentence: `bad runtime process port ['']` });
  });

  it('that was closed by a living child is a bad port (RP-7)', async () => {
    const wait = new Wait({ handshake: 'stdout' });
    wait.child.output.end();
    await wait.world.pass(300);
    assert.deepEqual(sentenceOf(wait.outcome), `bad runtime process port ['']`);
  });
});

describe('waiting for a port file', () => {
  it('takes a line at the first look without any wait (RP-13)', async () => {
    const wait = new Wait({ handshake: 'file' }, undefined, '1234\n');
    wait.world.openPorts.add(1234);
    await wait.world.settle();
    assert.deepEqual(wait.outcome, { kind: 'ready', host: 'localhost', port: 1234 });
    assert.equal(wait.world.clock.now(), 0);
  });

  it('reads all of it anew each time until there is a newline (RP-14, RP-15)', async () => {
    const wait = new Wait({ handshake: 'file' });
    for (const text of ['', '43', '4321']) {
      wait.world.texts.set('/p', text);
      await wait.world.pass(200);
      assert.equal(wait.outcome, undefined);
    }
    wait.world.texts.set('/p', '4321\n');
    wait.world.openPorts.add(4321);
    await wait.world.pass(20);
    assert.deepEqual(wait.outcome, { kind: 'ready', host: 'localhost', port: 4321 });
  });

  it('is not read once the child has ended (RP-16)', async () => {
    const wait = new Wait({ handshake: 'file' });
    await wait.world.settle();
    const looks = wait.world.looks.length;
    wait.world.texts.set('/p', '4321\n');
    wait.child.end({ code: 0 });
    await wait.world.settle();
    assert.deepEqual(wait.outcome, { kind: 'gone', sentence: `bad runtime process port ['']` });
    assert.equal(wait.world.looks.length, looks);
  });

  it('without a newline is given up after 63.875 s, and shown as empty (RP-17)', async () => {
    const wait = new Wait({ handshake: 'file' });
    wait.world.texts.set('/p', '30000');
    await wait.world.pass(63_800);
    assert.equal(wait.outcome, undefined);
    await wait.world.pass(200);
    assert.deepEqual(sentenceOf(wait.outcome), `bad runtime process port ['']`);
  });

  it('with junk behind the newline is a bad port (RP-18)', async () => {
    const wait = new Wait({ handshake: 'file' }, undefined, '1234\njunk');
    await wait.world.settle();
    assert.deepEqual(sentenceOf(wait.outcome), `bad runtime process port ['1234\\njunk']`);
  });
});

describe('discovering a port', () => {
  it('takes the child’s listener, reading the socket table only when its files have changed', async () => {
    const wait = new Wait({ handshake: 'discover' }, 4000);
    await wait.world.pass(200);
    assert.equal(wait.world.looks.filter(({ what }) => what === 'listeners').length, 1);
    wait.world.listeners = [{ host: '0.0.0.0', port: 5173, pid: 8 }];
    wait.world.openPorts.add(5173);
    await wait.world.pass(5);
    assert.deepEqual(wait.outcome, { kind: 'ready', host: 'localhost', port: 5173 });
  });

  it('takes it from a log line when "ready.log" has a group', async () => {
    const wait = new Wait({ handshake: 'discover', ready: { log: 'port is (\\d+)', ...check } });
    await wait.world.settle();
    wait.world.openPorts.add(8123);
    wait.child.output.print('the port is 8123.');
    await wait.world.pass(5);
    assert.deepEqual(wait.outcome, { kind: 'ready', host: 'localhost', port: 8123 });
  });

  const listener = (port: number): { host: string; port: number; pid: number } => ({
    host: '::',
    port,
    pid: 1,
  });
  it('prefers the hinted port, else the lowest, and never takes a debugger’s', () => {
    const all = [listener(9229), listener(5174), listener(5173)];
    assert.equal(chooseListener(all, 5174, 9229)?.port, 5174);
    assert.equal(chooseListener(all, 1, 9229)?.port, 5173);
    assert.equal(chooseListener([listener(9229)], 9229, 9229), undefined);
  });
});

describe('a ready check', () => {
  it('"http" is met by an answer below 400', async () => {
    const wait = new Wait({ ready: { http: '/health', ...check } }, 4000);
    await wait.world.pass(100);
    assert.equal(wait.outcome, undefined);
    wait.world.openPorts.add(4000);
    await wait.world.pass(1000);
    assert.equal(kindOf(wait.outcome), 'ready');
  });

  it('"exec" is met by an exit with 0, and its command is given the port', async () => {
    const wait = new Wait({ ready: { exec: ['knock', '{port}'], ...check } }, 4000);
    wait.world.ending = () => ({ code: 2 });
    wait.world.openPorts.add(4000);
    await wait.world.pass(3000);
    assert.equal(wait.outcome, undefined);
    assert.ok(wait.world.looks.some(({ what }) => what === 'knock 4000'));
    wait.world.ending = () => ({ code: 0 });
    await wait.world.pass(1005);
    assert.deepEqual(wait.outcome, { kind: 'ready', host: 'localhost', port: 4000 });
  });

  it('"log" is met by a line of either stream', async () => {
    const wait = new Wait({ handshake: 'none', ready: { log: '^ready$', ...check } });
    await wait.world.pass(100);
    wait.child.output.print('nearly ready\nready', 'stdout');
    await wait.world.pass(1);
    assert.deepEqual(wait.outcome, { kind: 'ready', host: 'localhost' });
  });
});
