import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceView } from '../../src/protocol/api.ts';
import { buildingIn, buildingText } from '../../src/view/building.ts';
import { faultNotes } from '../../src/view/diagnostics.ts';
import { reasonOf } from '../../src/view/reasons.ts';
import { statusOf } from '../../src/view/status.ts';
import { tooltipOf } from '../../src/view/tooltip.ts';
import { flat, treeOf } from '../../src/view/tree.ts';
import { fault, instance, now, running, service, snapshot } from './samples.ts';

const building = (name: string, title: string, ago: number): InstanceView =>
  instance(name, { state: 'STARTING', preparing: { title, since: now - ago } });

test('what is being built says so, and from the first second on since when', () => {
  assert.equal(buildingText(building('api.0', 'go build', 400), now), 'building… (go build)');
  assert.equal(buildingText(building('api.0', 'go build', 3400), now), 'building… (go build, 3 s)');
  assert.equal(buildingText(running('api.0', 1), now), undefined);
});

test('a row that is being built turns and counts, and is read out without the seconds', () => {
  const [row, child] = flat(treeOf([snapshot([service('api', [building('api.0', 'go build', 3400)])])], now));
  assert.deepEqual(child?.icon, { id: 'loading~spin' });
  assert.equal(child?.description, 'STARTING · building… (go build, 3 s)');
  assert.equal(row?.description, 'STARTING · building… (go build, 3 s)');
  assert.equal(child?.accessibleLabel, 'api.0, instance, STARTING, building');
  assert.equal(row?.accessibleLabel, 'api, service, STARTING, building');
});

test('the card of what is being built says what is done and how long', () => {
  const subject = { kind: 'instance', folder: '/shop', service: 'api', instance: 'api.0' } as const;
  const card = tooltipOf(snapshot([service('api', [building('api.0', 'python -m venv', 61_000)])]), subject, {
    now,
  });
  assert.match(card ?? '', /^building… \\\(python \\-m venv, 61 s\\\)$/m);
});

test('the status line turns while something is built, and says how much', () => {
  const line = statusOf([
    snapshot([
      service('api', [building('api.0', 'go build', 0), building('api.1', 'go build', 0)]),
      service('web', [running('web.0', 8000)]),
    ]),
  ]);
  assert.equal(line?.text, '1/2 running, 1 building');
  assert.equal(line.busy, true);
  assert.equal(line.tooltip, 'api: STARTING (go build), STARTING (go build)\nweb: RUNNING');
  assert.equal(statusOf([snapshot([service('web', [running('web.0', 8000)])])])?.busy, undefined);
});

test('one text names all that is being built, each once, and who waits for it', () => {
  const api = service('api', [building('api.0', 'go build', 100), building('api.1', 'go build', 50)]);
  const web = service('web', [building('web.0', 'virtual environment', 900)]);
  assert.equal(buildingIn([snapshot([service('web', [running('web.0', 8000)])])]), undefined);
  assert.deepEqual(buildingIn([snapshot([api]), snapshot([web], { folder: '/other' })]), {
    text: 'api (go build), web (virtual environment)',
    instances: [
      { folder: '/shop', instance: 'api.0' },
      { folder: '/shop', instance: 'api.1' },
      { folder: '/other', instance: 'web.0' },
    ],
    since: now - 900,
  });
});

test('a failed build stands at its key, and each message of the compiler at its own line', () => {
  const key = { file: '/shop/runtimes.yaml', line: 4, column: 5 };
  const main = { file: '/shop/api/main.go', line: 7, column: 2 };
  const util = { file: '/shop/api/util.go', line: 3, column: 8 };
  const failed = fault({
    code: 'build-failed',
    message: '"api" could not be built: go build exited with code 1.',
    hint: 'Its log has all of what was printed.',
    places: [key],
    evidence: '# api\n./main.go:7:2: undefined: nope\n./util.go:3:8: "os" imported and not used',
    findings: [
      { severity: 'error', message: 'undefined: nope', place: main },
      { severity: 'warning', message: '"os" imported and not used', place: util },
    ],
  });
  const down = (name: string): InstanceView => instance(name, { state: 'FATAL', fault: failed });
  const notes = faultNotes(snapshot([service('api', [down('api.0'), down('api.1')])]));
  assert.equal(reasonOf(down('api.0')), 'main.go:7: undefined: nope (and 1 more)');
  const definedHere = { message: '"api" is defined here', place: key };
  assert.deepEqual(notes.get('/shop/runtimes.yaml'), [
    {
      place: key,
      severity: 'error',
      code: 'build-failed',
      message: '"api" could not be built: go build exited with code 1. Its log has all of what was printed.',
      related: [
        { message: 'undefined: nope', place: main },
        { message: '"os" imported and not used', place: util },
      ],
    },
  ]);
  assert.deepEqual(notes.get('/shop/api/main.go'), [
    {
      place: main,
      severity: 'error',
      code: 'build-failed',
      message: 'undefined: nope',
      related: [definedHere],
    },
  ]);
  assert.deepEqual(
    notes.get('/shop/api/util.go')?.map(({ severity, message }) => [severity, message]),
    [['warning', '"os" imported and not used']],
  );
});
