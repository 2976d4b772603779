/** Files that a config names, and what their change does: a real home, in which nothing is started. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { watchConfig } from '../../src/host/config-watch.ts';
import { createHome } from '../../src/host/home.ts';
import { workspace } from '../support/cli.ts';

it('a backends.yaml that comes, changes and goes has its effect at once, and so has a dispatch.yaml', async (test) => {
  const folder = await workspace(test, {
    'runtimes.yaml':
      'services: { shop: { command: x } }\nbackends: { app: shop }\nfrontDoor: { dispatch: rules/dispatch.yaml }\n',
    'rules/dispatch.yaml': "dispatch: [{ url: '*/*', service: shop }]\n",
  });
  const home = createHome({ folder, storage: join(folder, '.state'), trusted: true });
  let wake = (): void => undefined;
  const watched = watchConfig(home, folder, () => wake());
  test.after(async () => {
    watched.dispose();
    await home.close();
    await home.outside.close();
  });
  const afterChange = async (make: () => void): Promise<string> => {
    const told = new Promise<void>((resolve) => (wake = resolve));
    make();
    await told;
    const { services, frontDoor, problems } = home.runtime.config;
    const rules = frontDoor.dispatch.map(({ url, service }) => `${url} to ${service}`);
    return [...services.map(({ name }) => name), ...rules, ...problems.map(({ message }) => message)].join(
      ', ',
    );
  };
  const write = (name: string, text: string) => () => writeFileSync(join(folder, name), text);
  assert.equal(
    await afterChange(write('backends.yaml', 'backends: [{ name: mail }]\n')),
    'shop, mail, */* to shop',
  );
  assert.equal(
    await afterChange(write('backends.yaml', 'backends: [{ name: mail }, { name: reports }]\n')),
    'shop, mail, reports, */* to shop',
  );
  assert.equal(
    await afterChange(write('rules/dispatch.yaml', "dispatch: [{ url: '*/mail*', module: mail }]\n")),
    'shop, mail, reports, */mail* to mail',
  );
  assert.equal(
    await afterChange(() => rmSync(join(folder, 'backends.yaml'))),
    'shop, There is no service "mail".',
  );
});

it('an app.yaml that comes into a folder that was there, or into a new one, brings its service; and a file that means nothing is no news', async (test) => {
  const folder = await workspace(test, {
    'app.yaml': 'runtime: nodejs22\n',
    'api/index.js': '',
  });
  const home = createHome({ folder, storage: join(folder, '.state'), trusted: true });
  const lines: string[] = [];
  let wake = (): void => undefined;
  let hasRead = (): void => undefined;
  const reload = async () => {
    const news = await home.api.reload();
    hasRead();
    return news;
  };
  const watching = {
    isServed: () => home.isServed(),
    sources: () => home.sources(),
    runtime: home.runtime,
    api: { ...home.api, reload },
  };
  const watched = watchConfig(watching, folder, (line) => {
    lines.push(line);
    wake();
  });
  test.after(async () => {
    watched.dispose();
    await home.close();
    await home.outside.close();
  });
  const names = () => home.runtime.config.services.map(({ name }) => name).join(' ');
  const afterChange = async (make: () => void): Promise<string> => {
    const told = new Promise<void>((resolve) => (wake = resolve));
    make();
    await told;
    return names();
  };
  const write = (name: string, text: string) => () => writeFileSync(join(folder, name), text);
  assert.equal(names(), 'default');
  const read = new Promise<void>((resolve) => (hasRead = resolve));
  write('package.json', '{}')();
  await read;
  const api = 'runtime: nodejs22\nservice: api\n';
  assert.equal(await afterChange(write('api/app.yaml', api)), 'default api');
  mkdirSync(join(folder, 'jobs'));
  assert.equal(
    await afterChange(write('jobs/app.yaml', 'runtime: nodejs22\nservice: jobs\n')),
    'default api jobs',
  );
  assert.equal(await afterChange(() => rmSync(join(folder, 'api'), { recursive: true })), 'default jobs');
  assert.deepEqual(
    lines.filter((line) => line.includes('package.json')),
    [],
  );
});
