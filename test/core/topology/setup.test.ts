import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { apiServer, app, backend, Crew } from './crew.ts';

const layout = [
  apiServer({ ports: [9300] }),
  app({ ports: [9000] }),
  backend('worker', 1, { instances: 2, ports: [9100, 9101] }),
  backend('cache', 2, { ports: [9200] }),
];

function crewOf(specs = layout): Crew {
  const crew = new Crew(specs);
  crew.urls.set('worker', 'http://127.0.0.1:9199/');
  crew.urls.set('cache', 'http://127.0.0.1:9299/');
  return crew;
}

const master = (crew: Crew): readonly string[] =>
  crew.said.filter((line) => line.includes('[Master]')).map((line) => line.replace(/^\w+ \[Master\] /, ''));

describe('the setup of an application with backends', () => {
  it('is complete once every process is up, and only then are start requests sent (MP-7, MP-13)', async () => {
    const crew = crewOf();
    // Comes last.
    crew.instance('worker.1').start(false);
    await crew.start('api-server.0', 'shop.0', 'worker.0', 'cache.0');
    assert.deepEqual([master(crew), crew.world.asked], [[], []]);
    crew.world.openPorts.add(9101);
    await crew.world.pass(50);
    assert.deepEqual(master(crew), [
      'Multiprocess Setup Complete:',
      '  Remote API Server [http://localhost:9300]',
      '  App Instance [http://localhost:9000]',
      '  Backend Instance: worker.0 [http://localhost:9100]',
      '  Backend Instance: worker.1 [http://localhost:9101]',
      '  Backend Balancer: worker [http://127.0.0.1:9199]',
      '  Backend Instance: cache.0 [http://localhost:9200]',
      '  Backend Balancer: cache [http://127.0.0.1:9299]',
    ]);
    assert.deepEqual(
      crew.world.asked.map(({ port }) => port).toSorted((a, b) => a - b),
      [9100, 9101, 9200],
    );
  });

  it('goes on without a child that cannot be reached for 30 s, which is said (MP-8)', async () => {
    const crew = crewOf();
    for (const name of ['worker.0', 'worker.1']) crew.instance(name).start(false);
    await crew.start('api-server.0', 'shop.0', 'cache.0');
    crew.world.openPorts.add(9101);
    await crew.world.pass(29_990);
    assert.deepEqual(master(crew), []);
    await crew.world.pass(20);
    const [late, complete] = master(crew);
    assert.equal(
      late,
      'Backend Instance: worker.0 [http://localhost:9100] took more than 30 seconds to start.',
    );
    assert.equal(complete, 'Multiprocess Setup Complete:');
    assert.equal(crew.instance('worker.0').stateName, 'STARTING');
    // It comes after all, and is asked to start then.
    crew.world.openPorts.add(9100);
    await crew.world.pass(2000);
    assert.deepEqual(
      crew.world.asked.map(({ port }) => port).toSorted((a, b) => a - b),
      [9100, 9101, 9200],
    );
  });

  it('waits for nobody whom nobody has started', async () => {
    const crew = await crewOf().start('worker.0');
    assert.deepEqual(master(crew).slice(0, 2), [
      'Multiprocess Setup Complete:',
      '  Backend Instance: worker.0 [http://localhost:9100]',
    ]);
  });

  it('waits for those whose start waits for the API server, and says nothing when that never comes (MP-9)', async () => {
    const crew = crewOf();
    const waits = (stuck: boolean): void => {
      for (const name of ['shop.0', 'worker.0'])
        crew.instance(name).note({
          waitingFor: [{ service: 'api-server', condition: 'ready', reason: 'STARTING', stuck }],
        });
    };
    waits(false);
    crew.instance('api-server.0').start(false);
    await crew.world.pass(29_999);
    assert.equal(crew.instance('api-server.0').stateName, 'STARTING');
    await crew.world.pass(2);
    crew.childAt(9300).end({ signal: 'SIGTERM' });
    await crew.world.settle();
    waits(true);
    await crew.world.pass(90_000);
    assert.equal(crew.instance('api-server.0').stateName, 'FATAL');
    assert.equal(crew.faults.at(-1)?.code, 'api-server-late');
    assert.deepEqual(master(crew), []);
  });

  it('is said again when all were stopped in between', async () => {
    const crew = await crewOf().start('worker.0');
    const ending = crew.instance('worker.0').stop();
    await crew.world.settle();
    crew.world.child.end({ code: 0 });
    await crew.world.pass(1);
    await ending;
    crew.world.openPorts.delete(9100);
    await crew.start('worker.0');
    assert.equal(master(crew).filter((line) => line.includes('Complete')).length, 2);
  });
});

describe('a setup that is over', () => {
  it('waits for nobody and says nothing', async () => {
    const crew = crewOf();
    crew.instance('worker.0').start(false);
    await crew.world.settle();
    crew.topology.dispose();
    await crew.world.pass(40_000);
    assert.deepEqual(master(crew), []);
  });
});

describe('an API server', () => {
  it('that ends before it serves is not tried again (MP-9)', async () => {
    const crew = crewOf();
    crew.instance('api-server.0').start(false);
    await crew.world.settle();
    crew.world.child.end({ code: 3 });
    await crew.world.pass(10_000);
    assert.deepEqual([crew.instance('api-server.0').stateName, crew.world.children.length], ['FATAL', 1]);
    assert.deepEqual(
      crew.faults.map(({ code }) => code),
      ['instance-died'],
    );
  });

  it('that serves in time has no limit any more (MP-9)', async () => {
    const crew = crewOf();
    crew.instance('api-server.0').start(false);
    await crew.world.pass(29_000);
    crew.world.openPorts.add(9300);
    await crew.world.pass(60_000);
    assert.deepEqual([crew.instance('api-server.0').stateName, crew.faults], ['RUNNING', []]);
  });
});
