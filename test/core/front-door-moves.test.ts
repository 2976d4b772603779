/** What becomes of doors, and of what comes through them, when the config has them elsewhere or has them no more. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FrontDoorSpec, ServiceSpec } from '../../src/config/spec.ts';
import { Stage } from '../support/stage.ts';

const api: Partial<ServiceSpec> = { name: 'api', publish: 9000 };
const front = (port: number, host = '127.0.0.1'): FrontDoorSpec => ({
  host,
  port,
  routes: {},
  dispatch: [],
  allowedHosts: [],
});

async function stageOf(services: readonly Partial<ServiceSpec>[], frontDoor: FrontDoorSpec): Promise<Stage> {
  return new Stage(services, true, { frontDoor }).up();
}

async function become(
  stage: Stage,
  services: readonly Partial<ServiceSpec>[],
  frontDoor: FrontDoorSpec,
): Promise<void> {
  stage.config = stage.configOf(services, { frontDoor });
  await stage.runtime.reload();
  await stage.world.settle();
}

/** Each door that was opened, in order, with how it was closed. */
const doors = (stage: Stage): readonly string[] =>
  stage.world.doorsOpened.map(
    ({ host, port, closed }) =>
      `${host}:${port} ${closed === undefined ? 'open' : closed === 0 ? 'cut' : 'parting'}`,
  );

/** So many times a start is asked for; what is there runs already. */
async function startAgain(stage: Stage, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) {
    void stage.runtime.start({ kind: 'all' });
    await stage.world.settle();
    await stage.world.pass(10);
  }
}

const told = (stage: Stage): number => stage.events.filter(({ event }) => event === 'fault').length;

const faults = (stage: Stage): readonly string[] => {
  const { faults: own = [], services } = stage.runtime.snapshot();
  return [...own, ...services.flatMap((service) => service.faults)].map(({ message }) => message);
};

describe('a door', () => {
  it('that is wanted at another port is opened there, and lets what came through the old one finish', async () => {
    const stage = await stageOf([api], front(8080));
    await become(stage, [api], front(8081));
    assert.deepEqual(doors(stage), ['127.0.0.1:8080 parting', '127.0.0.1:9000 open', '127.0.0.1:8081 open']);
    assert.equal(stage.runtime.snapshot().frontDoor, 'http://127.0.0.1:8081/');
  });

  it('stays where it is while the port that it is wanted at is somebody else’s, until that is free', async () => {
    const stage = await stageOf([api], front(8080));
    stage.world.takenPorts.add(8081);
    stage.world.owner = { pid: 9, command: 'nginx' };
    await become(stage, [api], front(8081));
    assert.deepEqual(doors(stage), ['127.0.0.1:8080 open', '127.0.0.1:9000 open']);
    assert.equal(stage.runtime.snapshot().frontDoor, 'http://127.0.0.1:8080/');
    assert.deepEqual(faults(stage), ['The front door wants port 8081, but nginx (pid 9) is using it.']);
    stage.world.takenPorts.clear();
    await become(stage, [api], front(8081));
    assert.equal(stage.runtime.snapshot().frontDoor, 'http://127.0.0.1:8081/');
    assert.deepEqual(faults(stage), []);
  });

  it('is blamed no more when the config is content with where it stayed', async () => {
    const stage = await stageOf([api], front(8080));
    stage.world.takenPorts.add(8081).add(9001);
    await become(stage, [{ ...api, publish: 9001 }], front(8081));
    assert.equal(faults(stage).length, 2);
    await become(stage, [api], front(8080));
    assert.deepEqual(faults(stage), []);
    assert.deepEqual(doors(stage), ['127.0.0.1:8080 open', '127.0.0.1:9000 open']);
  });

  it('makes room for itself at another host, and comes back where that cannot be had', async () => {
    const stage = await stageOf([api], front(8080));
    await become(stage, [api], front(8080, '0.0.0.0'));
    assert.deepEqual(doors(stage), [
      '127.0.0.1:8080 parting',
      '127.0.0.1:9000 parting',
      '0.0.0.0:8080 open',
      '0.0.0.0:9000 open',
    ]);
    stage.world.refusedHosts.add('192.0.2.1');
    await become(stage, [api], front(8080, '192.0.2.1'));
    assert.deepEqual(doors(stage).slice(4), ['0.0.0.0:8080 open', '0.0.0.0:9000 open']);
    assert.equal(faults(stage).length, 2);
  });

  it('that came back in vain is left in peace by starts and scaling, and tried again by a reload', async () => {
    const stage = await stageOf([api], front(8080));
    stage.world.refusedHosts.add('192.0.2.1');
    await become(stage, [api], front(8080, '192.0.2.1'));
    const before = doors(stage);
    assert.deepEqual([before.length, told(stage)], [4, 2]);
    await startAgain(stage, 3);
    await stage.runtime.scale('api', 2);
    assert.deepEqual(doors(stage), before);
    assert.deepEqual([faults(stage).length, told(stage)], [2, 2]);
    stage.world.refusedHosts.clear();
    await startAgain(stage, 1);
    assert.equal(faults(stage).length, 2);
    await become(stage, [api], front(8080, '192.0.2.1'));
    assert.deepEqual(faults(stage), []);
    assert.deepEqual(doors(stage).slice(2), [
      '127.0.0.1:8080 parting',
      '127.0.0.1:9000 parting',
      '192.0.2.1:8080 open',
      '192.0.2.1:9000 open',
    ]);
  });

  it('whose port is taken is blamed for that once, over starts and reloads', async () => {
    const stage = await stageOf([api], front(8080));
    stage.world.takenPorts.add(8081);
    await become(stage, [api], front(8081));
    await startAgain(stage, 2);
    await become(stage, [api], front(8081));
    assert.deepEqual([faults(stage).length, told(stage)], [1, 1]);
    stage.world.owner = { pid: 9, command: 'nginx' };
    await become(stage, [api], front(8081));
    assert.equal(told(stage), 2);
  });

  it('that is not there at all is tried by each start, and blamed once', async () => {
    const stage = new Stage([api], true, { frontDoor: front(8080) });
    stage.world.takenPorts.add(8080);
    // Two of them at once.
    void stage.runtime.start({ kind: 'all' });
    await startAgain(stage, 2);
    assert.deepEqual(doors(stage), ['127.0.0.1:9000 open']);
    assert.deepEqual([faults(stage).length, told(stage)], [1, 1]);
    stage.world.takenPorts.clear();
    await startAgain(stage, 1);
    assert.deepEqual(doors(stage), ['127.0.0.1:9000 open', '127.0.0.1:8080 open']);
    assert.deepEqual(faults(stage), []);
  });

  it('changes places with another', async () => {
    const stage = await stageOf([api], front(8080));
    await become(stage, [{ ...api, publish: 8080 }], front(9000));
    assert.deepEqual(faults(stage), []);
    const { frontDoor, services } = stage.runtime.snapshot();
    assert.deepEqual([frontDoor, services[0]?.url], ['http://127.0.0.1:9000/', 'http://127.0.0.1:8080/']);
  });

  it('of a service that goes lets what came through it finish', async () => {
    const stage = await stageOf([{ name: 'web' }, api], front(8080));
    await become(stage, [{ name: 'web' }], front(8080));
    assert.match(doors(stage).join(), /127\.0\.0\.1:9000 parting/);
  });

  it('that parts is closed at once when everything ends', async () => {
    const stage = await stageOf([api], front(8080));
    let finish = (): void => undefined;
    stage.world.doorsEnd = new Promise((resolve) => {
      finish = resolve;
    });
    await become(stage, [api], front(8081));
    assert.match(doors(stage)[0] ?? '', /parting/);
    const over = stage.runtime.shutdown(100);
    stage.world.child.end({ code: 0 });
    await stage.world.pass(200);
    assert.deepEqual(doors(stage), ['127.0.0.1:8080 cut', '127.0.0.1:9000 cut', '127.0.0.1:8081 cut']);
    finish();
    await over;
  });
});
