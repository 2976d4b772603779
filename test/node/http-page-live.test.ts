/** Our pages in a real browser, with real services behind the door. */

import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { usualRequests } from '../../src/config/requests.ts';
import type { Config, ServiceSpec } from '../../src/config/spec.ts';
import type { InstanceView } from '../../src/core/model.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { createOutside } from '../../src/node/outside.ts';
import { launchChromium } from '../support/chromium.ts';
import { specOf } from '../support/spec.ts';
import { runtimeIn } from './runtime-support.ts';
import { folderFor, program, until } from './support.ts';

const options = { timeout: 60_000 };
let browser: Browser;

before(async () => {
  browser = await launchChromium();
}, options);
after(() => browser.close());

/** A workspace of real children, all gone when the test ends. */
async function workspace(t: TestContext, ...services: readonly Partial<ServiceSpec>[]): Promise<Runtime> {
  const folder = await folderFor(t);
  const outside = createOutside();
  const config: Config = {
    files: [],
    services: services.map((part) =>
      specOf({ command: program('answers-requests.mjs'), cwd: folder, requests: usualRequests, ...part }),
    ),
    frontDoor: { host: '127.0.0.1', port: 'auto', routes: {}, dispatch: [], allowedHosts: [] },
    problems: [],
  };
  const runtime = runtimeIn(folder, outside, () => config);
  t.after(async () => {
    await runtime.shutdown(500);
    await outside.close();
  });
  await runtime.start({ kind: 'all' });
  return runtime;
}

/** The main door under a host name. */
function address(runtime: Runtime, name: string, path = '/'): string {
  const { port } = new URL(runtime.snapshot().frontDoor ?? '');
  return `http://${name}.localhost:${port}${path}`;
}

const viewOf = (runtime: Runtime, name: string): InstanceView | undefined =>
  runtime
    .snapshot()
    .services.flatMap(({ instances }) => instances)
    .find((each) => each.name === name);

const isUp = (runtime: Runtime, name: string): boolean => viewOf(runtime, name)?.state === 'RUNNING';

async function open(t: TestContext): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 900, height: 760 } });
  t.after(() => context.close());
  return context.newPage();
}

test(
  'a page for an instance which there is not stays, keeps its list, and lets go by its links',
  options,
  async (t) => {
    const runtime = await workspace(
      t,
      { name: 'web' },
      { name: 'sleepy', startMs: 2_500, requests: { ...usualRequests, startOnRequest: true } },
    );
    await until('web runs', () => isUp(runtime, 'web.0'));
    const page = await open(t);
    let polls = 0;
    page.on('request', (request) => {
      if (request.headers()['x-local-runtimes-poll'] !== undefined) polls += 1;
    });
    await page.goto(address(runtime, 'web.7'));
    await page.getByText('There is no instance web.7 of web').waitFor();
    await page.evaluate('window.same = true');
    const before = polls;
    await until('it has asked again', () => polls >= before + 2);
    assert.equal(await page.evaluate('window.same'), true);
    const failures: string[] = [];
    page.on('requestfailed', (request) => {
      if (request.isNavigationRequest()) failures.push(request.failure()?.errorText ?? '');
    });
    await page.getByRole('listitem').filter({ hasText: 'sleepy' }).getByRole('link').click();
    await page.getByText(/^\d+ GET \/$/u).waitFor();
    assert.deepEqual(failures, []);
  },
);

test('a person who stops a service reads on the page of a slow request that they did', options, async (t) => {
  const runtime = await workspace(t, { name: 'web', requests: { ...usualRequests, drainMs: 300 } });
  await until('web runs', () => isUp(runtime, 'web.0'));
  const page = await open(t);
  const slow = page.goto(address(runtime, 'web', '/slow?ms=30000'));
  await until('it has the request', () => viewOf(runtime, 'web.0')?.traffic?.busy === 1);
  const alarms: string[] = [];
  const listening = runtime.journal.onLine((line) => {
    if (/ (?:WARN|ERRO|CRIT) /u.test(line)) alarms.push(line);
  });
  t.after(() => listening.dispose());
  await runtime.stop({ kind: 'service', service: 'web' });
  assert.equal((await slow)?.status(), 503);
  await page.getByText('web was stopped while it was answering').waitFor();
  await page.getByText('Requests under way get 0.3 s to finish ("drainSeconds: 0.3")').waitFor();
  assert.equal(await page.getByText('unexpectedly').count(), 0);
  // In Supervisor's words and at its level, and nothing besides.
  assert.deepEqual(
    alarms.map((line) => line.replace(/^.* WARN /u, '')),
    ['stopped: web (terminated by SIGTERM)\n'],
  );
  // It goes on watching, and leaves it to the person to send the request again.
  await page.getByText('It was stopped: start it from the Runtimes view').waitFor();
});

test('a misspelt host name leads to no other service, but to the one that was meant', options, async (t) => {
  const runtime = await workspace(t, { name: 'web' }, { name: 'docs' });
  await until('web runs', () => isUp(runtime, 'web.0'));
  const page = await open(t);
  const answer = await page.goto(address(runtime, 'wbe'));
  assert.equal(answer?.status(), 404);
  await page.getByText('No service here is called "wbe"').waitFor();
  await page.getByText('Did you mean').getByRole('link').click();
  await page.getByText(/^\d+ GET \/$/u).waitFor();
  assert.equal(page.url(), address(runtime, 'web'));
});
