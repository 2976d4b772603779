/**
 * Servers that people start while they work, and how each is told its port on the command line.
 *
 * One row each; detection, the flags that are put behind commands and a page of the manual are all made from it. It
 * knows words of commands, and neither files nor package managers.
 */

export interface DevServer {
  /** As people call it. */
  readonly title: string;
  readonly runtime: 'node' | 'python' | 'java' | 'php' | 'ruby';
  readonly programs: readonly string[];
  /** One of these words has to follow for it to serve anything. */
  readonly needs?: readonly string[];
  /** With one of these words it serves nothing. */
  readonly never?: readonly string[];
  /** The words that tell the port; absent: it takes `PORT`. */
  readonly port?: readonly string[];
  /** They have to stand right behind the program, not at the end. */
  readonly inFront?: true;
  /** A word that shows that the command tells a port by itself. */
  readonly own?: RegExp;
  /** Is to be sure of, by what stands in the folder. */
  readonly sure?: 'spring-boot';
}

const port = ['--port', '{port}'];
const ownPort = /^(?:--port|-p)(?:=|$)|^-p\d/;

const node = (
  title: string,
  programs: readonly string[],
  more: Partial<Omit<DevServer, 'title' | 'programs' | 'runtime'>> = {},
): DevServer => ({ title, runtime: 'node', programs, port, own: ownPort, ...more });

export const devServers: readonly DevServer[] = [
  node('Vite', ['vite'], { never: ['build', 'optimize'], port: [...port, '--strictPort'] }),
  node('Next.js', ['next'], { never: ['build', 'lint', 'export', 'telemetry', 'info'] }),
  node('Nuxt', ['nuxt', 'nuxi'], { needs: ['dev', 'start', 'preview'] }),
  node('Astro', ['astro'], { needs: ['dev', 'preview', 'start'] }),
  node('SvelteKit', ['svelte-kit'], { needs: ['dev', 'preview'] }),
  node('React Router', ['react-router'], { needs: ['dev'] }),
  node('Remix', ['remix'], { needs: ['vite:dev'] }),
  node('Angular', ['ng'], { needs: ['serve', 's', 'dev'] }),
  node('Vue CLI', ['vue-cli-service'], { needs: ['serve'] }),
  node('webpack-dev-server', ['webpack-dev-server']),
  node('webpack-dev-server', ['webpack'], { needs: ['serve', 's', 'server'] }),
  node('Rspack', ['rspack'], { needs: ['serve', 'dev'] }),
  node('Rsbuild', ['rsbuild'], { never: ['build', 'inspect'] }),
  node('Parcel', ['parcel'], { never: ['build', 'watch', 'help'] }),
  node('Gatsby', ['gatsby'], { needs: ['develop', 'serve'] }),
  node('Docusaurus', ['docusaurus'], { needs: ['start', 'serve'] }),
  node('Storybook', ['storybook'], { needs: ['dev'] }),
  node('Ember', ['ember'], { needs: ['serve', 'server', 's'] }),
  node('Quasar', ['quasar'], { needs: ['dev', 'serve'] }),
  node('Eleventy', ['eleventy'], { needs: ['--serve'] }),
  node('Wrangler', ['wrangler'], { needs: ['dev'] }),
  node('http-server', ['http-server']),
  node('json-server', ['json-server']),
  node('serve', ['serve'], { port: ['--listen', '{port}'], own: /^(?:--listen|--port|-l|-p)(?:=|$)/ }),
  {
    title: 'Create React App',
    runtime: 'node',
    programs: ['react-scripts', 'craco', 'react-app-rewired'],
    needs: ['start'],
  },
  { title: 'Remix', runtime: 'node', programs: ['remix-serve', 'react-router-serve'] },
  {
    title: 'Django',
    runtime: 'python',
    programs: ['manage.py', 'django-admin', 'django'],
    needs: ['runserver', 'runserver_plus'],
    port: ['127.0.0.1:{port}'],
    own: /^(?:\S+:)?\d+$/,
  },
  { title: 'Flask', runtime: 'python', programs: ['flask'], needs: ['run'], port, own: ownPort },
  { title: 'FastAPI', runtime: 'python', programs: ['fastapi'], needs: ['dev', 'run'], port, own: ownPort },
  {
    title: 'Uvicorn',
    runtime: 'python',
    programs: ['uvicorn'],
    port,
    own: /^--(?:port|uds|fd)(?:=|$)/,
  },
  {
    title: 'Hypercorn',
    runtime: 'python',
    programs: ['hypercorn'],
    port: ['--bind', '127.0.0.1:{port}'],
    own: /^(?:--bind|-b|--config|-c)(?:=|$)/,
  },
  {
    title: 'Daphne',
    runtime: 'python',
    programs: ['daphne'],
    port,
    inFront: true,
    own: /^(?:--port|-p|-u|--unix-socket|-e|--endpoint)(?:=|$)/,
  },
  {
    title: 'Gunicorn',
    runtime: 'python',
    programs: ['gunicorn'],
    port: ['--bind', '127.0.0.1:{port}'],
    own: /^(?:--bind|-b|--config|-c)(?:=|$)|^-b\S/,
  },
  {
    title: 'Waitress',
    runtime: 'python',
    programs: ['waitress-serve', 'waitress'],
    port: ['--port={port}'],
    inFront: true,
    own: /^--(?:port|listen|unix-socket)(?:=|$)/,
  },
  {
    title: 'Streamlit',
    runtime: 'python',
    programs: ['streamlit'],
    needs: ['run'],
    port: ['--server.port', '{port}'],
    own: /^--server\.port(?:=|$)/,
  },
  {
    title: 'MkDocs',
    runtime: 'python',
    programs: ['mkdocs'],
    needs: ['serve'],
    port: ['--dev-addr', '127.0.0.1:{port}'],
    own: /^(?:--dev-addr|-a)(?:=|$)/,
  },
  {
    title: 'http.server',
    runtime: 'python',
    programs: ['http.server'],
    port: ['{port}'],
    own: /^\d+$/,
  },
  {
    title: 'Spring Boot',
    runtime: 'java',
    programs: ['mvn', 'mvnw'],
    needs: ['spring-boot:run'],
    port: ['-Dspring-boot.run.arguments=--server.port={port}'],
    own: /^-Dspring-boot\.run\.arguments|server\.port/,
  },
  {
    title: 'Spring Boot',
    runtime: 'java',
    programs: ['gradle', 'gradlew'],
    needs: ['bootRun', ':bootRun'],
    port: ['--args=--server.port={port}'],
    own: /^--args(?:=|$)/,
  },
  {
    title: 'Quarkus',
    runtime: 'java',
    programs: ['mvn', 'mvnw', 'gradle', 'gradlew'],
    needs: ['quarkus:dev', 'quarkusDev'],
    port: ['-Dquarkus.http.port={port}'],
    own: /^-Dquarkus\.http\.port=/,
  },
  {
    title: 'Quarkus',
    runtime: 'java',
    programs: ['quarkus'],
    needs: ['dev'],
    port: ['-Dquarkus.http.port={port}'],
    own: /^-Dquarkus\.http\.port=/,
  },
  {
    title: 'Jetty',
    runtime: 'java',
    programs: ['mvn', 'mvnw'],
    needs: ['jetty:run'],
    port: ['-Djetty.http.port={port}'],
    own: /^-Djetty\.(?:http\.)?port=/,
  },
  {
    title: 'Spring Boot',
    runtime: 'java',
    programs: ['java'],
    needs: ['-jar'],
    port: ['--server.port={port}'],
    own: /server\.port/,
    sure: 'spring-boot',
  },
  {
    title: 'Laravel',
    runtime: 'php',
    programs: ['artisan'],
    needs: ['serve'],
    port: ['--port={port}'],
    own: /^--port(?:=|$)/,
  },
  {
    title: 'Symfony',
    runtime: 'php',
    programs: ['symfony'],
    needs: ['serve', 'server:start', 'local:server:start'],
    port: ['--port={port}'],
    own: /^--port(?:=|$)/,
  },
  {
    title: 'CodeIgniter',
    runtime: 'php',
    programs: ['spark'],
    needs: ['serve'],
    port,
    own: /^--port(?:=|$)/,
  },
  {
    title: 'Yii',
    runtime: 'php',
    programs: ['yii'],
    needs: ['serve'],
    port: ['--port={port}'],
    own: ownPort,
  },
  { title: 'CakePHP', runtime: 'php', programs: ['cake'], needs: ['server'], port, own: ownPort },
  {
    title: 'php-cgi',
    runtime: 'php',
    programs: ['php-cgi'],
    port: ['-b', '127.0.0.1:{port}'],
    own: /^-b|^--bindpath/,
  },
  {
    title: 'Rails',
    runtime: 'ruby',
    programs: ['rails'],
    needs: ['server', 's'],
    port: ['-p', '{port}'],
    own: ownPort,
  },
  { title: 'Rack', runtime: 'ruby', programs: ['rackup'], port: ['-p', '{port}'], own: ownPort },
  {
    title: 'Puma',
    runtime: 'ruby',
    programs: ['puma'],
    port: ['-p', '{port}'],
    own: /^(?:--port|-p|--bind|-b|--config|-C)(?:=|$)|^-p\d/,
  },
  {
    title: 'Unicorn',
    runtime: 'ruby',
    programs: ['unicorn'],
    port: ['-p', '{port}'],
    own: /^(?:--port|-p|--listen|-l|-c|--config-file)(?:=|$)/,
  },
  {
    title: 'Thin',
    runtime: 'ruby',
    programs: ['thin'],
    needs: ['start'],
    port: ['-p', '{port}'],
    own: /^(?:--port|-p|--socket|-S)(?:=|$)/,
  },
  {
    title: 'Falcon',
    runtime: 'ruby',
    programs: ['falcon'],
    needs: ['serve'],
    port: ['--bind', 'http://127.0.0.1:{port}'],
    own: /^(?:--bind|-b|--port|-p)(?:=|$)/,
  },
  {
    title: 'Jekyll',
    runtime: 'ruby',
    programs: ['jekyll'],
    needs: ['serve', 's', 'server'],
    port,
    own: /^(?:--port|-P)(?:=|$)/,
  },
  { title: 'Hanami', runtime: 'ruby', programs: ['hanami'], needs: ['server', 'dev'], port, own: ownPort },
];

/** The row of a program and what follows it; undefined where it is no server that is known. */
export function devServerOf(program: string, rest: readonly string[]): DevServer | undefined {
  return devServers.find(
    ({ programs, needs, never }) =>
      programs.includes(program) &&
      (needs === undefined || rest.some((word) => needs.includes(word))) &&
      !rest.some((word) => never?.includes(word) === true || asksOnly.has(word)),
  );
}

/** With one of these, whatever it is only tells something of itself. */
const asksOnly: ReadonlySet<string> = new Set(['--help', '--version']);

/** Whether a command tells its port by itself. */
export function tellsPort({ own, port: flag = [] }: DevServer, words: readonly string[]): boolean {
  if (words.some((word) => word.includes('{port}'))) return true;
  // Behind `--` nothing is an option any more, and a plain word is what it was.
  const dashes = words.indexOf('--');
  const read = dashes === -1 || flag[0]?.startsWith('-') === false ? words : words.slice(0, dashes);
  return read.some((word) => own?.test(word) === true);
}
