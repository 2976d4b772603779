import assert from 'node:assert/strict';
import { access, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { rewrite } from './files.ts';
import { pidIn, urlIn } from './reading.ts';

/** Answers who it is; `/slow` when the test lets it. */
const clerk = `
import { createServer } from 'node:http';
import { existsSync, writeFileSync } from 'node:fs';
createServer((request, response) => {
  const answer = () => response.end(String(process.pid));
  if (request.url !== '/slow') return answer();
  writeFileSync('begun', '');
  const look = setInterval(() => {
    if (!existsSync('let-go')) return;
    clearInterval(look);
    answer();
  }, 20);
}).listen(process.env.PORT, '127.0.0.1');
`;

/** Has time to finish what it began. */
const clerks = `
  clerk:
    command: node clerk.js
    instances: 2
    drainSeconds: 60s
`;

/** GETs a path under a host name that may not be known to the system's resolver: it always means this machine. */
function get(url: string, path = '/'): Promise<{ readonly status: number; readonly body: string }> {
  const { host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject).end();
  });
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

describe('what the front door does, in the tree (issue 4)', () => {
  let editor: Editor;
  before(async () => {
    editor = await Editor.open({ workspace: 'front-door' });
    await writeFile(join(editor.folder, 'clerk.js'), clerk);
    await rewrite(join(editor.folder, 'runtimes.yaml'), (text) =>
      text.replace('\nservices:\n', `\nservices:${clerks}`),
    );
    await editor.openView('Runtimes');
    await editor.row('clerk.1').waitFor();
    await editor.widenSideBar(160);
    await editor.titleAction('Start All Services');
    for (const settled of [
      'clerk.0, instance, RUNNING',
      'clerk.1, instance, RUNNING',
      'reports.1, instance, RUNNING',
    ])
      await editor.row(settled).waitFor();
  });
  after(async () => await editor.close());

  const clipboard = (): Promise<string> => editor.page.evaluate<string>('navigator.clipboard.readText()');

  it('an API server and a backend are called so, and the API server runs', async () => {
    await editor.row('api-server, API server, RUNNING').waitFor();
    await editor.row('reports, backend, 2 RUNNING').waitFor();
    await editor.row('shop, application, ').waitFor();
  });

  it('a service that waits for its first request says that it is asleep, and wakes by it', async () => {
    await editor.row('docs, service, STOPPED, asleep, starts with the first request').waitFor();
    await editor.screenshot('serving-asleep');
    const answer = await get(urlIn(await editor.label('docs,')), '/intro');
    assert.deepEqual(answer, { status: 200, body: 'You read /intro of the manual.\n' });
    await editor.row('docs, service, RUNNING').waitFor();
    assert.doesNotMatch(await editor.label('docs,'), /asleep/);
  });

  it('a card of a service says how its requests are treated, in words', async () => {
    const card = await editor.hoverRow('shop,', 'Profile: App Engine');
    const text = await card.innerText();
    for (const line of [
      'Port: ours, handed over as PORT',
      'Instances: as many as the requests need, 3 at most, at least 1 kept idle',
      'At once: 2 requests an instance',
    ])
      assert.ok(text.includes(line), text);
    await editor.screenshot('serving-card');
    await editor.restMouse();
    const backend = await editor.hoverRow('reports,', 'Backend: failfast');
    assert.match(await backend.innerText(), /At once: 1 request an instance/);
    await editor.restMouse();
  });

  it('no input is offered to what would never get it', async () => {
    assert.ok(!(await editor.menuEntries('clerk.0')).includes('Send Input to Instance'));
  });

  it('the requests of an instance stand in its row and, in full, in its card', async () => {
    const url = urlIn(await editor.label('clerk,'));
    for (let count = 0; count < 8; count += 1) await get(url);
    await editor.waitFor('four requests for each of the two', async () => {
      const labels = await Promise.all(['clerk.0', 'clerk.1'].map((name) => editor.label(name)));
      return labels.every((label) => label.endsWith(', 4 requests'));
    });
    await editor.waitFor('all eight at the service', async () =>
      /^clerk, service, 2 RUNNING, http[^,]+, 8 requests$/.test(await editor.label('clerk,')),
    );
    const card = await editor.hoverRow('clerk.0', 'Requests: 4');
    assert.match(await card.innerText(), /Answered within: [\d.]+ ms \(median\)/);
    await editor.screenshot('serving-traffic');
    await editor.restMouse();
  });

  it('many requests a second are told as such', async () => {
    const url = urlIn(await editor.label('clerk,'));
    const seen = editor.waitFor('a rate in the rows', async () =>
      /, [\d.]+ requests a second$/.test(await editor.label('clerk.1')),
    );
    const enough = new AbortController();
    const asking = (async () => {
      while (!enough.signal.aborted) await Promise.all(Array.from({ length: 20 }, () => get(url)));
    })();
    await seen.finally(() => enough.abort());
    await asking;
    await editor.screenshot('serving-rate');
  });

  it('an instance has an address of its own at the front door, which can be copied', async () => {
    await editor.rowMenu('clerk.1', 'Copy Instance URL');
    const url = await editor.waitFor('the address on the clipboard', async () => {
      const text = await clipboard();
      return /^http:\/\/clerk\.1\.localhost:\d+\/$/.test(text) && text;
    });
    const pid = pidIn(await editor.label('clerk.1'));
    for (let count = 0; count < 3; count += 1)
      assert.deepEqual(await get(url), { status: 200, body: String(pid) });
    // A browser knows by itself where every name below "localhost" is.
    const tab = await editor.page.context().newPage();
    await tab.goto(url);
    assert.equal(await tab.locator('body').innerText(), String(pid));
    await tab.close();
  });

  it('a service has a name at the address for everything, which can be copied', async () => {
    await editor.rowMenu('clerk,', 'Copy Named Service URL');
    const url = await editor.waitFor('the name on the clipboard', async () => {
      const text = await clipboard();
      return /^http:\/\/clerk\.localhost:\d+\/$/.test(text) && text;
    });
    assert.equal((await get(url)).status, 200);
  });

  it('an instance that is stopped finishes what it has, says so, and gets nothing new', async () => {
    const held = get(await instanceUrl('clerk.0'), '/slow');
    await editor.waitFor('the request to be under way', () => isThere(join(editor.folder, 'begun')));
    await editor.rowMenu('clerk.0', 'Stop Instance');
    await editor.row('clerk.0, instance, STOPPING, finishing 1 request').waitFor();
    await editor.screenshot('serving-draining');
    const other = String(pidIn(await editor.label('clerk.1')));
    const url = urlIn(await editor.label('clerk,'));
    for (let count = 0; count < 4; count += 1) assert.equal((await get(url)).body, other);
    const pid = String(pidIn(await editor.label('clerk.0')));
    await writeFile(join(editor.folder, 'let-go'), '');
    assert.deepEqual(await held, { status: 200, body: pid });
    await editor.row('clerk.0, instance, STOPPED').waitFor();
  });

  it('a service whose instances come with the requests cannot be scaled by hand, and another can', async () => {
    assert.ok(!(await editor.menuEntries('shop,')).includes('Scale Service'));
    assert.ok((await editor.menuEntries('clerk,')).includes('Scale Service'));
  });

  it('everything that runs on this machine is a list to choose from', async () => {
    await editor.command('Local Runtimes: Show Everything Running on This Machine');
    const picks = await editor.picks();
    await editor.screenshot('serving-machine');
    assert.ok(
      picks.some((pick) => pick.includes(basename(editor.folder))),
      picks.join('\n'),
    );
    const opening = editor.page.context().waitForEvent('page');
    await editor.pick('docs');
    const opened = await opening;
    await opened.getByText('You read / of the manual.').waitFor();
    await opened.close();
  });

  async function instanceUrl(name: string): Promise<string> {
    await editor.rowMenu(name, 'Copy Instance URL');
    return await editor.waitFor(`the address of ${name} on the clipboard`, async () => {
      const text = await clipboard();
      return text.startsWith(`http://${name}.localhost:`) && text;
    });
  }
});
