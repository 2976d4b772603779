/** Our pages in a real browser: how they look, that they keep up with the service, and that nothing else runs. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { isPoll, unavailable, up } from '../../src/core/proxy/answers.ts';
import { directory } from '../../src/core/proxy/directory.ts';
import { unexpectedlyQuit } from '../../src/core/proxy/sentences.ts';
import type { Failed, InstanceFacts, Situation } from '../../src/core/proxy/situation.ts';
import type { Decision, RequestHead } from '../../src/core/outside.ts';
import { launchChromium } from '../support/chromium.ts';
import { instance, openDoor } from './http-support.ts';

const options = { timeout: 60_000 };
const pictures = join(import.meta.dirname, '..', '..', 'out', 'screenshots');
let browser: Browser;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await launchChromium();
}, options);
after(() => browser.close());

interface State {
  /** None: the service is up. */
  situation: Situation | undefined;
  /** Goes before the situation. */
  decide?: (head: RequestHead) => Decision | undefined;
}

/** A door whose service is in whatever situation the test says, or up. */
async function stage(t: TestContext) {
  const asked: string[] = [];
  const port = await instance(t, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.setHeader('Content-Type', 'text/html');
    response.end('<title>The service</title><p>It is me.</p>');
  });
  const state: State = { situation: undefined };
  const { url } = await openDoor(t, port, {
    decide: (head, forward) => {
      const other = state.decide?.(head);
      if (other !== undefined) return other;
      if (state.situation !== undefined)
        return { kind: 'answer', answer: unavailable(head, state.situation) };
      return isPoll(head) ? { kind: 'answer', answer: up() } : forward();
    },
  });
  return { url, state, asked };
}

async function open(t: TestContext, settings: Parameters<Browser['newContext']>[0] = {}) {
  const context: BrowserContext = await browser.newContext({
    viewport: { width: 900, height: 760 },
    ...settings,
  });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // The browser notes each answer of 5xx by itself.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text());
  });
  return { page, complaints };
}

const situation = (
  instances: readonly InstanceFacts[],
  tail: readonly string[] = [],
  failed?: Failed,
): Situation => ({
  service: 'api',
  profile: 'plain',
  instances,
  tail,
  ...(failed === undefined ? {} : { failed }),
});

const traceback = [
  '\u001B[2m2031-04-05 10:11:12\u001B[0m \u001B[32mINFO\u001B[0m  reading settings from config/local.toml',
  '\u001B[2m2031-04-05 10:11:12\u001B[0m \u001B[33mWARN\u001B[0m  DATABASE_URL is not set, trying the default',
  'Traceback (most recent call last):',
  '  File \u001B[35m"/home/ada/shop/api/main.py"\u001B[0m, line \u001B[35m41\u001B[0m, in \u001B[35m<module>\u001B[0m',
  '    app = create_app(Settings.load())',
  '  File \u001B[35m"/home/ada/shop/api/app.py"\u001B[0m, line \u001B[35m17\u001B[0m, in \u001B[35mcreate_app\u001B[0m',
  '    pool = connect(settings.database, timeout=settings.timeouts["database"])',
  "\u001B[1;35mKeyError\u001B[0m: \u001B[35m'database'\u001B[0m",
];

const died = {
  code: 'instance-died',
  message: 'api.0 exited with code 1.',
  hint: 'Its last words are in its stderr; its log has the rest.',
  sentence: unexpectedlyQuit(41234),
};

const scenes: Readonly<Record<string, Situation>> = {
  starting: situation([{ name: 'api.0', state: 'STARTING' }]),
  stopped: situation([{ name: 'api.0', state: 'STOPPED' }]),
  backoff: situation(
    [{ name: 'api.0', state: 'BACKOFF', fault: died, exit: { code: 1 }, attempt: 2, nextTryInMs: 2_400 }],
    traceback,
  ),
  fatal: situation(
    [{ name: 'api.0', state: 'FATAL', fault: died, exit: { code: 1 }, attempt: 4 }],
    traceback,
  ),
  several: situation(
    [
      { name: 'api.0', state: 'FATAL', fault: died, exit: { code: 1 } },
      { name: 'api.1', state: 'STARTING', attempt: 1 },
      {
        name: 'api.2',
        state: 'BACKOFF',
        reason: 'killed by SIGSEGV',
        exit: { signal: 'SIGSEGV' },
        nextTryInMs: 4_000,
      },
    ],
    traceback.slice(2),
  ),
  badresponse: situation([{ name: 'api.0', state: 'RUNNING' }], [], {
    code: 'bad-response',
    sentence: 'the runtime process gave a bad HTTP response: Expected HTTP/',
    reason: 'Expected HTTP/',
    instance: 'api.0',
  }),
};

for (const colorScheme of ['light', 'dark'] as const) {
  test(`each situation has a page to look at (${colorScheme})`, options, async (t) => {
    const { url, state } = await stage(t);
    const { page, complaints } = await open(t, { colorScheme });
    for (const [name, scene] of Object.entries(scenes)) {
      state.situation = scene;
      await page.goto(url);
      await page.screenshot({ path: join(pictures, `page-${name}-${colorScheme}.png`) });
    }
    state.decide = (head) => ({
      kind: 'answer',
      answer: directory(head, [
        { name: 'web', state: 'RUNNING', url: 'http://127.0.0.1:8080/' },
        { name: 'api', state: '2/3 RUNNING', url: 'http://127.0.0.1:8081/' },
        { name: 'mailer', state: 'STARTING' },
        { name: 'legacy-reports', state: 'FATAL', url: 'http://127.0.0.1:8083/' },
        { name: 'search', state: 'STOPPED', url: 'http://127.0.0.1:8084/' },
      ]),
    });
    await page.goto(url);
    await page.screenshot({ path: join(pictures, `page-directory-${colorScheme}.png`) });
    assert.deepEqual(complaints, []);
  });
}

test('a narrow window shows all of the page, and nothing of it beside the window', options, async (t) => {
  const { url, state } = await stage(t);
  state.situation = scenes['several'];
  const { page } = await open(t, { viewport: { width: 340, height: 900 } });
  await page.goto(url);
  await page.screenshot({ path: join(pictures, 'page-narrow.png'), fullPage: true });
  const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  assert.ok(Number(beyond) <= 0, `the page is ${String(beyond)} pixels wider than its window`);
});

test(
  'the page follows the service without reloading, then reloads by itself once it is up',
  options,
  async (t) => {
    const { url, state, asked } = await stage(t);
    state.situation = scenes['stopped'];
    const { page, complaints } = await open(t);
    await page.goto(`${url}/deep/link?q=1#part`);
    await page.evaluate('window.same = true');
    state.situation = scenes['starting'];
    await page.getByRole('heading', { level: 1 }).filter({ hasText: 'api is starting' }).waitFor();
    assert.equal(await page.title(), 'api · STARTING');
    state.situation = scenes['backoff'];
    await page.getByText("KeyError: 'database'").waitFor();
    await page.getByText('has unexpectedly quit').waitFor();
    assert.equal(await page.evaluate('document.documentElement.dataset.mood'), 'waiting');
    assert.equal(await page.evaluate('window.same'), true);
    assert.equal(asked.length, 0);
    state.situation = undefined;
    await page.getByText('It is me.').waitFor();
    assert.equal(page.url(), `${url}/deep/link?q=1#part`);
    // The service was asked once, by the reload: the page's own questions stayed with us.
    assert.deepEqual(
      asked.filter((each) => !each.includes('favicon')),
      ['GET /deep/link?q=1'],
    );
    assert.deepEqual(complaints, []);
  },
);

test('without scripts the page refreshes itself', options, async (t) => {
  const { url, state } = await stage(t);
  state.situation = scenes['starting'];
  const { page } = await open(t, { javaScriptEnabled: false });
  await page.goto(url);
  await page.getByText('api is starting').waitFor();
  state.situation = undefined;
  await page.getByText('It is me.').waitFor();
});

test(
  'a page whose own request brought the service down leaves it to the person to send it again',
  options,
  async (t) => {
    const { url, state } = await stage(t);
    let requests = 0;
    const failed = {
      code: 'instance-died',
      sentence: unexpectedlyQuit(1),
      reason: 'it closed',
      instance: 'api.0',
    } as const;
    const crashed = situation([{ name: 'api.0', state: 'BACKOFF' }], [], failed);
    state.decide = (head) => {
      if (head.target !== '/crash') return undefined;
      if (isPoll(head)) return { kind: 'answer', answer: up() };
      requests += 1;
      return { kind: 'answer', answer: unavailable(head, crashed) };
    };
    const { page } = await open(t);
    await page.goto(`${url}/crash`);
    await page.getByText('It is up again. Reload this page').waitFor();
    assert.equal(requests, 1);
  },
);

test(
  'a page of an instance that restarts what listens reloads as often as that happens',
  options,
  async (t) => {
    const { url, state } = await stage(t);
    const refused = situation([{ name: 'api.0', state: 'RUNNING' }], [], {
      code: 'cannot-connect',
      sentence: 'cannot connect to runtime on port 1',
      reason: 'the connection was refused',
      refused: true,
    });
    const { page } = await open(t);
    for (let round = 0; round < 2; round += 1) {
      state.situation = refused;
      await page.goto(url);
      await page.getByText('did not answer: the connection was refused').waitFor();
      state.situation = undefined;
      await page.getByText('It is me.').waitFor();
    }
  },
);

test(
  'the answer to a form that was sent does not reload, for that would send it again',
  options,
  async (t) => {
    const { url, state, asked } = await stage(t);
    const { page } = await open(t);
    await page.goto(url);
    state.situation = scenes['starting'];
    await page.evaluate(`(() => {
    const form = document.body.appendChild(document.createElement('form'));
    form.method = 'POST';
    form.submit();
  })()`);
    await page.getByText('that would send your request again').waitFor();
    assert.equal(await page.evaluate('document.documentElement.dataset.watch'), 'never');
    assert.deepEqual(
      asked.filter((each) => !each.includes('favicon')),
      ['GET /'],
    );
  },
);

test('what a child prints does not run, nor load, nor become part of the page', options, async (t) => {
  const { url, state } = await stage(t);
  const attack =
    `</pre><script>window.owned=1</script><img src="${url}/leak" onerror="window.owned=2">` +
    `<style>body{display:none}</style><iframe src="${url}/leak"></iframe><svg onload="window.owned=3">`;
  const loaded: string[] = [];
  const { page } = await open(t);
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  state.situation = {
    ...situation([{ name: attack, state: 'FATAL', reason: attack }], [attack, attack]),
    service: attack,
  };
  await page.goto(url);
  // Also what comes in later, with a poll.
  state.situation = {
    ...situation([{ name: attack, state: 'BACKOFF', reason: `later ${attack}` }], ['later', attack]),
    service: attack,
  };
  await page.getByText('later').first().waitFor();
  assert.equal(await page.evaluate('window.owned'), undefined);
  assert.deepEqual(
    loaded.filter((path) => path !== '/'),
    [],
  );
  assert.equal(await page.locator('iframe, img, main script, main style').count(), 0);
});

test(
  'a page that could not be escaped would still run nothing: the policy knows our script only',
  options,
  async (t) => {
    const { url, state } = await stage(t);
    const honest = unavailable(
      {
        method: 'GET',
        target: '/',
        version: '1.1',
        headers: [['Accept', 'text/html']],
        remote: '',
        upgrade: false,
      },
      scenes['stopped'] ?? situation([]),
    );
    const body = honest.body.replace(
      '</main>',
      '<script>window.owned=1</script><img src=x onerror="window.owned=2"></main>',
    );
    state.decide = () => ({
      kind: 'answer',
      answer: { ...honest, body, headers: honest.headers.filter(([name]) => name !== 'Content-Length') },
    });
    const { page, complaints } = await open(t);
    await page.goto(url);
    assert.equal(await page.evaluate('window.owned'), undefined);
    assert.ok(complaints.some((text) => text.includes('Content Security Policy')));
  },
);

test('text that a person has selected stays selected while the page goes on watching', options, async (t) => {
  const { url, state } = await stage(t);
  state.situation = scenes['fatal'];
  const { page } = await open(t);
  await page.goto(url);
  await select(page);
  state.situation = { ...(scenes['backoff'] ?? situation([])), tail: ['something else'] };
  await page.getByRole('heading', { level: 1 }).filter({ hasText: 'will be tried again' }).waitFor();
  assert.match(String(await page.evaluate('getSelection().toString()')), /KeyError/u);
});

function select(page: Page): Promise<unknown> {
  return page.evaluate("getSelection().selectAllChildren(document.querySelector('#stderr pre'))");
}
