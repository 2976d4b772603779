import assert from 'node:assert/strict';
import { test } from 'node:test';
import { devServers } from '../../src/config/detect/dev-servers.ts';
import { withPort } from '../../src/config/detect/port-flag.ts';
import { type Files, folderOf, packageJson } from './detecting.ts';

const scripts: Files = {
  'package.json': packageJson({
    dev: 'vite',
    next: 'next dev',
    env: 'cross-env NODE_ENV=development vite --host',
    assigned: 'NODE_ENV=development vite',
    port: 'PORT=3000 vite',
    fixed: 'vite --port 3000',
    first: 'prisma generate && next dev',
    second: 'next dev && echo done',
    both: 'concurrently "vite" "node api.js"',
    turbo: 'turbo run dev',
    piped: 'next dev | pino-pretty',
    apart: 'next dev & node api.js',
    shell: 'sh -c "vite"',
    npm: 'npm run dev',
    npmDashes: 'npm run dev -- --host',
    yarn: 'yarn dev',
    round: 'npm run round',
    start: 'react-scripts start',
    waitress: 'waitress-serve app:wsgi',
    quote: 'vite "',
    dashes: 'vite -- --x',
  }),
};

/** What is written, and what becomes of it; nothing where it stays as it is. */
const cases: readonly (readonly [string, string?])[] = [
  ['vite', 'vite --port {port} --strictPort'],
  ['vite dev --strictPort', 'vite dev --strictPort --port {port}'],
  ['vite --port 4000'],
  ['vite --port=4000'],
  ['vite -p 4000'],
  ['vite --host {port}'],
  ['vite build --watch'],
  ['vite --help'],
  ['npx -y vite', 'npx -y vite --port {port} --strictPort'],
  ['node_modules/.bin/vite', 'node_modules/.bin/vite --port {port} --strictPort'],
  ['./vite'],
  ['../elsewhere/bin/next dev'],
  ['next dev', 'next dev --port {port}'],
  ['next build'],
  ['ng serve --open', 'ng serve --open --port {port}'],
  ['serve', 'serve --listen {port}'],
  ['react-scripts start'],
  ['npm run dev', 'npm run dev -- --port {port} --strictPort'],
  ['npm run dev -- --host', 'npm run dev -- --host --port {port} --strictPort'],
  ['npm run dev -- --port 1'],
  // What stands behind two dashes is for somebody else.
  ['streamlit run x.py -- --arg 1', 'streamlit run x.py --server.port {port} -- --arg 1'],
  ['streamlit run x.py -- --server.port 1', 'streamlit run x.py --server.port {port} -- --server.port 1'],
  ['streamlit run x.py --server.port 1 -- --arg'],
  ['npx vite -- --x', 'npx vite --port {port} --strictPort -- --x'],
  ['npm run dev -- --host -- --x', 'npm run dev -- --host --port {port} --strictPort -- --x'],
  ['pnpm dev --host -- --x', 'pnpm dev --host --port {port} --strictPort -- --x'],
  ['npm run dashes'],
  ['pnpm dashes -- --x'],
  ['python3 -m http.server -- 8000'],
  ['waitress-serve app:wsgi -- --port=1', 'waitress-serve --port={port} app:wsgi -- --port=1'],
  ['npm run dev --workspace web'],
  ['npm --prefix web run dev'],
  ['npm run next', 'npm run next -- --port {port}'],
  ['npm start'],
  ['npm test'],
  ['npm run absent'],
  ['pnpm dev', 'pnpm dev --port {port} --strictPort'],
  ['pnpm run dev', 'pnpm run dev --port {port} --strictPort'],
  ['pnpm exec vite', 'pnpm exec vite --port {port} --strictPort'],
  ['pnpm --filter web dev'],
  ['yarn dev', 'yarn dev --port {port} --strictPort'],
  ['yarn vite', 'yarn vite --port {port} --strictPort'],
  ['yarn workspace web dev'],
  ['bun run dev', 'bun run dev --port {port} --strictPort'],
  ['npm run env', 'npm run env -- --port {port} --strictPort'],
  ['npm run assigned', 'npm run assigned -- --port {port} --strictPort'],
  ['npm run port'],
  ['npm run fixed'],
  ['npm run first', 'npm run first -- --port {port}'],
  ['npm run second'],
  ['npm run both'],
  ['npm run turbo'],
  ['npm run piped'],
  ['npm run apart'],
  ['npm run shell'],
  ['npm run npm', 'npm run npm -- -- --port {port} --strictPort'],
  ['npm run npmDashes', 'npm run npmDashes -- --port {port} --strictPort'],
  ['npm run yarn', 'npm run yarn -- --port {port} --strictPort'],
  ['npm run round'],
  // Nothing can be put into the middle of a script.
  ['npm run waitress'],
  ['npm run quote'],
  ['python3 manage.py runserver', 'python3 manage.py runserver 127.0.0.1:{port}'],
  ['python manage.py runserver --noreload', 'python manage.py runserver --noreload 127.0.0.1:{port}'],
  ['./manage.py runserver', './manage.py runserver 127.0.0.1:{port}'],
  ['python manage.py runserver 8000'],
  ['python manage.py runserver 0.0.0.0:8000'],
  ['python manage.py migrate'],
  ['flask run', 'flask run --port {port}'],
  ['flask --app x run -h 0.0.0.0', 'flask --app x run -h 0.0.0.0 --port {port}'],
  ['flask run -p 80'],
  ['flask routes'],
  ['python3 -m flask run', 'python3 -m flask run --port {port}'],
  ['.venv/bin/python -u -m uvicorn main:app', '.venv/bin/python -u -m uvicorn main:app --port {port}'],
  ['uv run uvicorn main:app --reload', 'uv run uvicorn main:app --reload --port {port}'],
  ['uvicorn main:app --uds /tmp/x'],
  ['fastapi dev', 'fastapi dev --port {port}'],
  ['gunicorn app:app', 'gunicorn app:app --bind 127.0.0.1:{port}'],
  ['gunicorn -c conf.py app:app'],
  ['waitress-serve app:wsgi', 'waitress-serve --port={port} app:wsgi'],
  ['streamlit run app.py', 'streamlit run app.py --server.port {port}'],
  ['python3 -m http.server', 'python3 -m http.server {port}'],
  ['python3 -m http.server 8000'],
  ['python3 -c "import x"'],
  ['python3 app.py'],
  ['./mvnw spring-boot:run', './mvnw spring-boot:run -Dspring-boot.run.arguments=--server.port={port}'],
  ['./mvnw spring-boot:run -Dspring-boot.run.arguments=--debug'],
  ['gradle bootRun', 'gradle bootRun --args=--server.port={port}'],
  ['gradle build'],
  ['mvn quarkus:dev', 'mvn quarkus:dev -Dquarkus.http.port={port}'],
  [
    'java -jar target/quarkus-app/quarkus-run.jar',
    'java -Dquarkus.http.port={port} -jar target/quarkus-app/quarkus-run.jar',
  ],
  ['java -jar target/app.jar'],
  ['php artisan serve', 'php artisan serve --port={port}'],
  ['php artisan migrate'],
  ['symfony server:start', 'symfony server:start --port={port}'],
  ['php-cgi', 'php-cgi -b 127.0.0.1:{port}'],
  ['php -S localhost:80'],
  ['bin/rails server', 'bin/rails server -p {port}'],
  ['rails s -b 0.0.0.0', 'rails s -b 0.0.0.0 -p {port}'],
  ['rails s -p 3000'],
  ['bundle exec rackup', 'bundle exec rackup -p {port}'],
  ['bundle exec puma -C config/puma.rb'],
  ['rails console'],
  ['node server.js'],
  ['deno task dev'],
  ['PORT=1 vite'],
];

test('a dev server is told its port, wherever it stands in the command and unless that says one', () => {
  const folder = folderOf(scripts);
  const told = cases.map(([command]) => [command, withPort(words(command), folder).join(' ')]);
  assert.deepEqual(
    told,
    cases.map(([command, expected = words(command).join(' ')]) => [command, expected]),
  );
});

test('a jar is told a port only where it is known to be of Spring Boot', () => {
  const spring = folderOf({ 'pom.xml': '<artifactId>spring-boot-starter-web</artifactId>' });
  const tell = (command: string, folder = spring): string => withPort(words(command), folder).join(' ');
  assert.deepEqual(
    [
      tell('java -Xmx1g -jar target/app.jar'),
      tell('java -jar ./build/libs/app.jar'),
      tell('java -jar target/app.jar --server.port=80'),
      tell('java -jar lib/other.jar'),
      tell('java -jar target/app.jar', folderOf({ 'pom.xml': '<project/>' })),
    ],
    [
      'java -Xmx1g -jar target/app.jar --server.port={port}',
      'java -jar ./build/libs/app.jar --server.port={port}',
      'java -jar target/app.jar --server.port=80',
      'java -jar lib/other.jar',
      'java -jar target/app.jar',
    ],
  );
});

test('where nobody can look into the folder, scripts are left alone and programs are told', () => {
  assert.deepEqual(
    [withPort(['npm', 'run', 'dev'], undefined), withPort(['next', 'dev'], undefined)],
    [
      ['npm', 'run', 'dev'],
      ['next', 'dev', '--port', '{port}'],
    ],
  );
});

test('every dev server that is told its port knows it when it has been told', () => {
  for (const { title, port, own } of devServers) {
    if (port === undefined) continue;
    assert.ok(own !== undefined, title);
    const written = port.map((word) => word.replace('{port}', '3000'));
    assert.ok(
      written.some((word) => own.test(word)),
      `${title}: ${written.join(' ')}`,
    );
  }
});

function words(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}
