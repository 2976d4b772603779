import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Files, found, packageJson } from './detecting.ts';

const script = (text: string, dependencies: readonly string[] = []): Files => ({
  'package.json': packageJson({ dev: text }, dependencies),
});

const cases: Readonly<Record<string, readonly [Files, readonly string[]]>> = {
  Vite: [script('vite'), ['web: npm run dev (package.json has a script "dev" (Vite))']],
  SvelteKit: [
    script('vite dev', ['@sveltejs/kit']),
    ['web: npm run dev (package.json has a script "dev" (Vite))'],
  ],
  'Next.js': [
    script('next dev --turbopack'),
    ['web: npm run dev (package.json has a script "dev" (Next.js))'],
  ],
  Nuxt: [script('nuxt dev'), ['web: npm run dev (package.json has a script "dev" (Nuxt))']],
  Astro: [script('astro dev'), ['web: npm run dev (package.json has a script "dev" (Astro))']],
  'React Router': [
    script('react-router dev'),
    ['web: npm run dev (package.json has a script "dev" (React Router))'],
  ],
  Remix: [script('remix vite:dev'), ['web: npm run dev (package.json has a script "dev" (Remix))']],
  Angular: [
    { 'package.json': packageJson({ start: 'ng serve', build: 'ng build' }) },
    ['web: npm run start (package.json has a script "start" (Angular))'],
  ],
  'Vue CLI': [
    { 'package.json': packageJson({ serve: 'vue-cli-service serve' }) },
    ['web: npm run serve (package.json has a script "serve" (Vue CLI))'],
  ],
  'Create React App, which takes PORT and would open a browser': [
    { 'package.json': packageJson({ start: 'react-scripts start' }) },
    ['web: npm run start (package.json has a script "start" (Create React App))'],
  ],
  'webpack-dev-server': [
    { 'package.json': packageJson({ start: 'webpack serve --mode development' }) },
    ['web: npm run start (package.json has a script "start" (webpack-dev-server))'],
  ],
  Parcel: [
    { 'package.json': packageJson({ start: 'parcel src/index.html' }) },
    ['web: npm run start (package.json has a script "start" (Parcel))'],
  ],
  'Express, whose code reads PORT': [
    {
      'package.json': packageJson({ dev: 'nodemon src/server.js' }, ['express']),
      'src/server.js': 'app.listen(process.env.PORT || 3000)',
    },
    ['web: npm run dev (package.json has a script "dev" (Express))'],
  ],
  'Express, whose code does not': [
    {
      'package.json': packageJson({ dev: 'tsx watch src/server.ts' }, ['express']),
      'src/server.ts': 'app.listen(3000)',
    },
    ['web: npm run dev, discover (package.json has a script "dev" (Express))'],
  ],
  'Nest, which is watched by a script of its own name': [
    {
      'package.json': packageJson({ start: 'nest start', 'start:dev': 'nest start --watch' }, [
        '@nestjs/core',
      ]),
    },
    ['web: npm run start:dev, discover (package.json has a script "start:dev" (Nest))'],
  ],
  'a script of which nothing is known': [
    script('node server.js'),
    ['web: npm run dev, discover (package.json has a script "dev")'],
  ],
  'a script that fixes its port is believed': [
    script('vite --port 4000'),
    ['web: npm run dev, discover (package.json has a script "dev" (Vite))'],
  ],
  'a script that builds and watches has no port': [
    script('tsc --watch'),
    ['web: npm run dev, none (package.json has a script "dev")'],
  ],
  'scripts for tests are no services': [{ 'package.json': packageJson({ test: 'jest', build: 'tsc' }) }, []],
  'pnpm by its lock file': [
    { ...script('vite'), 'pnpm-lock.yaml': '' },
    ['web: pnpm run dev (package.json has a script "dev" (Vite))'],
  ],
  'yarn by its lock file': [
    { ...script('vite'), 'yarn.lock': '' },
    ['web: yarn run dev (package.json has a script "dev" (Vite))'],
  ],
  'bun by its lock file': [
    { ...script('vite'), 'bun.lock': '' },
    ['web: bun run dev (package.json has a script "dev" (Vite))'],
  ],
  'the package manager that is named': [
    {
      'package.json': packageJson({ dev: 'vite' }, [], { packageManager: 'pnpm@9.1.0' }),
      'package-lock.json': '',
    },
    ['web: pnpm run dev (package.json has a script "dev" (Vite))'],
  ],
  'a file that serves, without a script': [
    { 'package.json': packageJson({}), 'server.js': 'http.createServer().listen(process.env.PORT)' },
    ['web: node server.js (there is a server.js)'],
  ],
  'the main file of a package, when it serves': [
    { 'package.json': packageJson({}, [], { main: 'lib/start.js' }), 'lib/start.js': 'app.listen(80)' },
    ['web: node lib/start.js, discover (there is a lib/start.js)'],
  ],
  'the main file of a library': [
    { 'package.json': packageJson({}, [], { main: 'index.js' }), 'index.js': 'export const one = 1;' },
    [],
  ],
  'a server that is still empty': [{ 'server.js': '' }, ['web: node server.js (there is a server.js)']],
  ...Object.fromEntries(
    ['{', 'null', '{"scripts": 1}', '[]', '{"scripts": {"dev": 3}, "workspaces": 4}'].map((text) => [
      `a package.json that holds ${text}`,
      [{ 'package.json': text }, []] as const,
    ]),
  ),
};

for (const [title, [files, services]] of Object.entries(cases))
  test(`Node.js is recognised: ${title}`, () => assert.deepEqual(found(files), services));
