import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceView } from '../../src/protocol/api.ts';
import { badgeOf } from '../../src/view/badge.ts';
import { logText } from '../../src/view/log-text.ts';
import { runByMessage } from '../../src/view/run-by.ts';
import { statusOf } from '../../src/view/status.ts';
import { escapeMarkdown } from '../../src/view/markdown.ts';
import { tooltipOf } from '../../src/view/tooltip.ts';
import { fault, instance, now, running, service, snapshot } from './samples.ts';

const four = snapshot([
  service('api', [running('api.0', 1), running('api.1', 2)]),
  service('web', [running('web.0', 3)]),
  service('dies', [instance('dies.0', { state: 'FATAL', fault: fault() })]),
  service('mute', [instance('mute.0', { state: 'BACKOFF' })]),
]);

describe('the status line', () => {
  it('counts the services of which something runs', () => {
    assert.deepEqual(statusOf([four]), {
      text: '2/4 running',
      tooltip: 'api: RUNNING, RUNNING\nweb: RUNNING\ndies: FATAL\nmute: BACKOFF',
      accessibleLabel: 'Local Runtimes: 2 of 4 services running',
    });
  });

  it('counts what the config names and what cannot be run', () => {
    const source = { file: '/shop/runtimes.yaml', line: 7, column: 3, endLine: 7, endColumn: 6 };
    const leftOut = [{ name: 'old', source, message: 'Service "old" needs "command".' }];
    const shop = snapshot([service('api', [running('api.0', 1)])], { leftOut });
    assert.deepEqual(statusOf([shop]), {
      text: '1/2 running, 1 not run',
      tooltip: 'api: RUNNING\nold: not run: Service "old" needs "command".',
      accessibleLabel: 'Local Runtimes: 1 of 2 services running, 1 not run',
    });
    assert.equal(statusOf([snapshot([], { leftOut })])?.text, '0/1 running, 1 not run');
    // The badge counts the error in the file, and what it takes away no second time.
    const problem = {
      ...source,
      severity: 'error',
      code: 'missing-key',
      message: leftOut[0]?.message ?? '',
    } as const;
    assert.equal(badgeOf([snapshot([], { leftOut, problems: [problem] })])?.value, 1);
    const subject = { kind: 'service', folder: '/shop', service: 'old' } as const;
    assert.match(tooltipOf(shop, subject, { now }) ?? '', /^\*\*old\*\*\n\nnot run: Service/);
  });

  it('names the folder of each service when there are several', () => {
    assert.match(statusOf([four, snapshot([], { folder: '/blog' })])?.tooltip ?? '', /^shop\/api: /);
  });

  it('tells in words what waits and what is unhealthy', () => {
    const waitingFor = [
      { service: 'db', condition: 'healthy', reason: 'not healthy', stuck: false },
    ] as const;
    const services = [
      service('db', [running('db.0', 1, { health: 'unhealthy' })]),
      service('web', [instance('web.0', { waitingFor })]),
    ];
    assert.deepEqual(statusOf([snapshot(services)]), {
      text: '1/2 running, 1 waiting, 1 unhealthy',
      tooltip: 'db: RUNNING, unhealthy\nweb: STOPPED, waiting for db (not healthy)',
      accessibleLabel: 'Local Runtimes: 1 of 2 services running, 1 waiting, 1 unhealthy',
    });
  });

  it('counts a job that is done no longer among what could run', () => {
    const done = instance('migrate.0', { state: 'EXITED', exit: { code: 0, expected: true } });
    const services = [service('web', [running('web.0', 1)]), service('migrate', [done], { oneShot: true })];
    assert.equal(statusOf([snapshot(services)])?.text, '1/1 running');
    assert.deepEqual(statusOf([snapshot(services.slice(1))]), {
      text: '1 finished',
      tooltip: 'migrate: EXITED',
      accessibleLabel: 'Local Runtimes: all services are finished',
    });
  });

  it('says who runs the services, where it is not this window', () => {
    const foreign = { ...four, runBy: { kind: 'daemon', pid: 4711 } } as const;
    assert.match(statusOf([foreign])?.tooltip ?? '', /^Run by a daemon \(pid 4711\)\napi: RUNNING/);
    assert.match(
      statusOf([{ ...four, runBy: { kind: 'other' } }, snapshot([], { folder: '/blog' })])?.tooltip ?? '',
      /^shop: run by "runtimes up" or another window\nshop\/api: /,
    );
    assert.equal(
      runByMessage([foreign]),
      'Run by a daemon (pid 4711), which goes on when this window closes.',
    );
    assert.match(runByMessage([foreign, snapshot([])]), /^1 folder is run by another host/);
    assert.equal(runByMessage([four]), '');
  });

  it('is not there without a service', () => {
    assert.equal(statusOf([snapshot([])]), undefined);
  });
});

describe('the badge', () => {
  it('counts instances that have failed, also those that will be tried again', () => {
    assert.deepEqual(badgeOf([four]), { value: 2, tooltip: '2 things need attention' });
  });

  it('counts errors of the config and of services, and no warnings', () => {
    const place = { file: '/shop/runtimes.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const problems = (['error', 'warning'] as const).map((severity) => ({
      ...place,
      severity,
      code: 'x',
      message: 'x',
    }));
    const services = [
      service('api', [running('api.0', 1, { fault: fault({ severity: 'warning' }) })]),
      service('web', [], { faults: [fault(), fault({ severity: 'warning' })] }),
    ];
    assert.equal(badgeOf([snapshot(services, { problems })])?.value, 2);
  });

  it('counts what is unhealthy and what waits in vain, and not what merely waits', () => {
    const waiting = (name: string, stuck: boolean): ServiceView =>
      service(name, [
        instance(`${name}.0`, {
          waitingFor: [{ service: 'db', condition: 'healthy', reason: 'not healthy', stuck }],
        }),
      ]);
    const db = service('db', [running('db.0', 1, { health: 'unhealthy' })]);
    assert.equal(badgeOf([snapshot([db, waiting('web', false), waiting('api', true)])])?.value, 2);
  });

  it('is not there when all is well', () => {
    assert.equal(badgeOf([snapshot([service('api', [running('api.0', 1)])])]), undefined);
  });
});

describe('a tooltip', () => {
  it('of an instance tells all that is known of it', () => {
    const view = running('api.0', 41_234, {
      inspector: { host: '127.0.0.1', port: 9229 },
      logFile: '/logs/api.0.log',
    });
    const subject = { kind: 'instance', folder: '/shop', service: 'api', instance: 'api.0' } as const;
    const text = tooltipOf(snapshot([service('api', [view])]), subject, { now });
    assert.equal(
      text,
      [
        '**api.0** RUNNING',
        '',
        '- Process: 4242',
        '- Address: 127.0.0.1:41234',
        '- Since: 3m',
        '- Debugger: 127.0.0.1:9229',
        '',
        '- Log file: /logs/api.0.log',
      ].join('\n'),
    );
  });

  it('of an instance names the process as Supervisor does, and links to both of its logs', () => {
    const view = instance('web.1', {
      process: 'web_01',
      group: 'front',
      state: 'EXITED',
      exit: { code: 2, expected: true },
      spawnError: "can't find command 'nope'",
      logFile: '/logs/web 1.log',
      errorLogFile: '/logs/web_1-stderr.log',
    });
    const subject = { kind: 'instance', folder: '/shop', service: 'web', instance: 'web.1' } as const;
    const owner = service('web', [view], { restart: 'unexpected', exitCodes: [0, 2] });
    const text = tooltipOf(snapshot([owner]), subject, { now, link: (path) => `file://${encodeURI(path)}` });
    assert.equal(
      text,
      [
        '**web.1** EXITED',
        '',
        'exited with code 2',
        '',
        '- Since: just now',
        '- Last exit: exited with code 2, as expected',
        "- Spawn error: can't find command 'nope'",
        '- Restart: after an exit with another code than 0, 2',
        '- Known to Supervisor’s tools as: front:web\\_01',
        '',
        '- Log file: [/logs/web 1.log](<file:///logs/web%201.log>)',
        '- Log file of stderr: [/logs/web\\_1\\-stderr.log](<file:///logs/web_1-stderr.log>)',
      ].join('\n'),
    );
  });

  it('of a service tells what it needs, with the states of that, and what it waits for', () => {
    const waitingFor = [
      { service: 'db', condition: 'healthy', reason: 'not healthy', stuck: false },
    ] as const;
    const web = service('web', [instance('web.0', { waitingFor })], {
      dependsOn: { db: 'healthy', migrate: 'exited' },
      restart: 'always',
    });
    const migrate = instance('migrate.0', { state: 'EXITED', exit: { code: 0, expected: true } });
    const whole = snapshot([
      service('db', [running('db.0', 1, { health: 'unhealthy' })]),
      service('migrate', [migrate]),
      web,
    ]);
    const text = tooltipOf(whole, { kind: 'service', folder: '/shop', service: 'web' }, { now });
    assert.equal(
      text,
      [
        '**web**',
        '',
        'waiting for db \\(not healthy\\)',
        '',
        '- Runtime: node',
        '- Port: ours, handed over as PORT',
        '- Folder: /shop',
        '- Restart: after every exit',
        '',
        '- web.0 STOPPED',
        '',
        'Needs:',
        '',
        '- db (healthy, not met yet) RUNNING (unhealthy)',
        '- migrate (exited) EXITED',
      ].join('\n'),
    );
  });

  it('of a group lists its services in start order', () => {
    const source = { file: '/shop/runtimes.yaml', line: 9, column: 1, endLine: 9, endColumn: 2 };
    const groups = [{ name: 'back', source, services: ['db', 'web'] }];
    const whole = snapshot([service('web', [running('web.0', 1)]), service('db', [instance('db.0')])], {
      groups,
    });
    assert.equal(
      tooltipOf(whole, { kind: 'group', folder: '/shop', group: 'back' }, { now })?.split('\n\n')[1],
      '- db STOPPED\n- web RUNNING',
    );
  });

  it('shows what a child said without letting it write Markdown', () => {
    const evil = fault({
      message: '[click](http://evil/) <img>',
      evidence: '```\n[click](http://evil/)\n````',
    });
    const subject = { kind: 'instance', folder: '/shop', service: 'api', instance: 'api.0' } as const;
    const view = instance('api.0', { state: 'FATAL', fault: evil });
    const text = tooltipOf(snapshot([service('api', [view])]), subject, { now }) ?? '';
    assert.ok(text.includes('\\[click\\]\\(http://evil/\\) \\<img\\>'));
    assert.ok(text.endsWith('`````text\n```\n[click](http://evil/)\n````\n`````'));
  });

  it('of what is gone is not there', () => {
    assert.equal(
      tooltipOf(snapshot([]), { kind: 'service', folder: '/shop', service: 'api' }, { now }),
      undefined,
    );
  });

  it('keeps a text on one line', () => {
    assert.equal(escapeMarkdown('a\n# b_c'), 'a \\# b\\_c');
  });
});

describe('log batches as text', () => {
  const lines = [{ stream: 'stderr', text: '\u001B[31mred\u001B[0m' }] as const;

  it('are lines without escapes', () => {
    assert.equal(logText({ instance: 'api.0', lines, skipped: 0 }, undefined), 'red\n');
  });

  it('say how many lines were left out and where all of them are', () => {
    assert.equal(
      logText({ instance: 'api.0', lines, skipped: 7 }, '/logs/api.0.log'),
      '[7 lines left out here to keep up; all of them are in /logs/api.0.log]\nred\n',
    );
  });
});
