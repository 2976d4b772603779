import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { badgeOf } from '../../src/view/badge.ts';
import { logText } from '../../src/view/log-text.ts';
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

  it('names the folder of each service when there are several', () => {
    assert.match(statusOf([four, snapshot([], { folder: '/blog' })])?.tooltip ?? '', /^shop\/api: /);
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
        '- Log file: /logs/api.0.log',
      ].join('\n'),
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
