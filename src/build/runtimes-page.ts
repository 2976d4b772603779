/** The page about runtimes: what is recognised, what each recipe sees to, how it is built and debugged, and how to bring another. */

import { telltales } from '../config/detect/detect.ts';
import { devServers } from '../config/detect/dev-servers.ts';
import { recipes } from '../config/schema/runtime.ts';
import { list, notice, page, table } from './markdown.ts';

export function runtimesPage(): string {
  return page(
    '# Runtimes',
    notice,
    'A service runs by a recipe: it finds the interpreter, looks whether all is there that a start needs, builds what has ' +
      'changed, and knows the debugger. Which one it is says `runtime`; without it, the first word of `command`; without ' +
      'that, what is in the folder. A recipe never swaps the command that you wrote for another.',
    table(
      ['`runtime`', 'what it is'],
      Object.entries(recipes).map(([name, does]) => [`\`${name}\``, does]),
    ),
    'Any other name is that of a recipe which [another extension brings](#recipes-of-other-extensions). A language without ' +
      'a recipe runs as `custom`. Programs of a `supervisord.conf` run as that file says, by no recipe; what an `app.yaml` ' +
      'adds tells [app-engine.md](app-engine.md).',
    '## A service without a command',
    'A service that names a folder and no `command` runs what is recognised there:',
    '```yaml\nservices:\n  api:\n    cwd: ./api\n```',
    'With `runtime` beside it, only what is of that language counts; with several main packages of Go, the one of the ' +
      'service’s name. `runtimes plan` shows the command and why it was chosen, and it is looked for again when one of the ' +
      'files changes. Where nothing is recognised, that is an error at the service’s name. With `fastcgi` and no command, ' +
      'it is `php-cgi`.',
    'In a folder without a config, **Create runtimes.yaml** and `runtimes init` write a file with all that is recognised in ' +
      'the folder, in those right below it that have one of ' +
      `${telltales.map((name) => `\`${name}\``).join(', ')} ` +
      '(or anything else of the table, where the folder itself is no project), ' +
      'and in the packages that `workspaces` of a `package.json` or a `pnpm-workspace.yaml` names.',
    table(['what is there', 'what is run'], recognised),
    'Of a program of which no more is known than its text, that text decides: if it names `PORT`, it is told its port; ' +
      'otherwise it is left to choose one, and found (`handshake: discover`). One of Python, Ruby, Go or Java that needs ' +
      'nothing with which it could listen is a job: it has no port, and may end at once (`handshake: none`, ' +
      '`startSeconds: 0`). A script that builds and watches, such as `tsc --watch`, has no port either.',
    '## Ports of dev servers',
    'Many dev servers listen where they like, whatever `PORT` says. A command that comes down to one of these gets the words ' +
      'that tell it, as `runtimes plan` shows:',
    table(
      ['server', 'known by', 'told by'],
      devServers.map(({ title, programs, needs, port }) => [
        title,
        known(programs, needs),
        port === undefined ? '`PORT`, which it takes' : `\`${port.join(' ')}\``,
      ]),
    ),
    'The server may stand behind `npx`, `pnpm exec`, `uv run`, `poetry run`, `python -m`, `bundle exec` and their like, or ' +
      'be the last command of a script of `package.json` that is run with `npm run`, `pnpm`, `yarn` or `bun run`. ' +
      '`java -jar` is told only where the jar is one that the project beside it makes with Spring Boot or Quarkus.',
    'The command is left as it is where it tells a port already, with `shell`, with any `handshake` but `port`, and where ' +
      'nobody can be sure what would become of the words: a script that sets a `PORT`, pipes, goes on in the background, or ' +
      'starts several things at once (`concurrently`, `turbo`).',
    '## Which interpreter',
    'In this order; the first that there is counts. A command that names a path (`./bin/x`, `/usr/bin/python3.11`) is run by ' +
      'that.',
    table(['', 'where it is looked for'], interpreters),
    'Files such as `.nvmrc` are looked for in the service’s folder and those above it, up to the workspace folder. One that ' +
      'asks for a version which is not there is a fault at its line; a version that is only recommended (`engines`) is a ' +
      'warning in the log. `interpreter` in the file names another one: a program’s name, or a path from the file’s folder.',
    '## Before a start',
    'A recipe looks whether the start can succeed: the interpreter and its version, the file that the command begins with, ' +
      'dependencies that certainly have not been installed (`node_modules`, `vendor/autoload.php`, gems, a framework that ' +
      'a script imports). What is missing is a fault with what to install and where was looked, the service is FATAL at once, ' +
      'and the others run on. It starts by itself as soon as what was missing is there. Nothing is looked at twice while it ' +
      'has not changed, and what is merely suspicious stops nothing. [faults.md](faults.md) lists the faults.',
    '## Builds',
    list([
      '**Go**: what `go run` would build is built with `go build`, once, and run by itself. Other commands (`air`, a binary ' +
        'of yours) run as they are.',
      '**Java**: a jar that Maven or Gradle makes (`java -jar target/app.jar` beside a `pom.xml`) is packed first; a ' +
        '`.java` file without a build file is compiled with all beside it.',
      '**Everything else** is built where the file says how:',
    ]),
    '```yaml\nservices:\n  api:\n    command: ./bin/api --port {port}\n    build:\n      command: make api\n      inputs: [src/**, Makefile]\n      outputs: [bin/api]\n```',
    'A build is made only when one of `inputs` has changed since, or one of `outputs` is missing; without `inputs` everything ' +
      'in the folder counts but what git, mercurial and npm keep there. `build: false` builds nothing. Instances of one ' +
      'service share a build. While it lasts, the service is STARTING, its output is in the log, and a stop calls it off. One ' +
      'that fails is a fault with the compiler’s messages at their lines; it is made again, and the service started, once a ' +
      'file changes.',
    '## Debugging',
    '**Debug** on a service, or `runtimes start --debug`, starts it so that a debugger can attach; the editor does so by the ' +
      'extension in the table, and says which is missing.',
    table(['runtime', 'how it is started', 'needs', 'the editor attaches with'], debugging),
    '`debug: false` forbids it; a map below `debug` is laid over the configuration that the editor attaches with.',
    '## Recipes of other extensions',
    'An extension brings one through what ours exports. It is plain data:',
    `\`\`\`ts
const runtimes = vscode.extensions.getExtension('local-runtimes.local-runtimes');
const { registerRecipe } = await runtimes.activate();
context.subscriptions.push(
  registerRecipe({
    name: 'deno',
    title: 'Deno',
    programs: ['deno'],
    detects: ['deno.json', 'deno.jsonc'],
    command: 'deno task dev',
    handshake: 'discover',
    checks: [{ program: 'deno', atLeast: '2.0', install: 'Install Deno from https://deno.com.' }],
    debug: {
      args: ['--inspect=127.0.0.1:{port}'],
      listening: '^Debugger listening on ws://(?<host>[^:]+):(?<port>\\\\d+)/',
      attach: { type: 'node', address: '{host}', port: '{port}' },
    },
  }),
);
\`\`\``,
    table(['field', 'meaning'], fields),
    'It holds until it is disposed of, in every folder. A definition that is wrong is refused with words that say what. The ' +
      'terminal knows only our own recipes.',
  );
}

function known(programs: readonly string[], needs: readonly string[] = ['']): string {
  return programs.map((program) => `\`${`${program} ${needs[0] ?? ''}`.trim()}\``).join(', ');
}

const recognised: readonly (readonly [string, string])[] = [
  [
    '`package.json` with a script `dev`, `start:dev`, `start`, `serve` or `develop`',
    '`npm run dev`, or with pnpm, yarn or bun by the lock file',
  ],
  ['`server.js`, or a main file that listens', '`node server.js`'],
  ['`manage.py`', '`python3 manage.py runserver 127.0.0.1:{port} --noreload`'],
  [
    'a file that makes a FastAPI, Starlette, Litestar or Quart application',
    '`python3 -m uvicorn main:app --port {port}`',
  ],
  ['a file that makes a Flask application', '`python3 -m flask --app app run --port {port}`'],
  [
    'a file that imports Streamlit',
    '`python3 -m streamlit run app.py --server.port {port} --server.headless true`',
  ],
  [
    '`wsgi.py` with an application, and Gunicorn asked for',
    '`python3 -m gunicorn --bind 127.0.0.1:{port} wsgi:application`',
  ],
  ['`main.py`, `app.py`, `server.py` or `run.py`', '`python3 main.py`'],
  [
    'a lock file of uv, poetry, pdm or pipenv, and no environment in the folder',
    'the same, through `uv run` and its like',
  ],
  ['`go.mod`', '`go run .`, and `go run ./cmd/NAME` for each main package below `cmd`'],
  [
    '`pom.xml` or `build.gradle` with Spring Boot',
    '`./mvnw spring-boot:run` or `./gradlew bootRun`, with the port',
  ],
  ['… with Quarkus, or with Jetty', '`mvn quarkus:dev` or `mvn jetty:run`, with the port'],
  ['`pom.xml` that names a main class', '`java -jar target/NAME-VERSION.jar`'],
  ['`build.gradle` with the plugin `application`', '`gradle run`'],
  ['a `.java` file with a main method, and no build file', '`java Main.java`'],
  ['one jar, and no sources', '`java -jar app.jar`'],
  ['`artisan`', '`php artisan serve --host=127.0.0.1 --port={port}`'],
  [
    '`index.php` in `public`, `web`, `webroot`, `htdocs`, `www`, or in the folder itself',
    '`php -S 127.0.0.1:{port} -t public`',
  ],
  ['`bin/rails`', '`bin/rails server -b 127.0.0.1 -p {port}`'],
  [
    '`config.ru`',
    '`bundle exec puma -b tcp://127.0.0.1:{port}` or `bundle exec rackup -o 127.0.0.1 -p {port}`',
  ],
  [
    '`app.rb`, `server.rb` or `main.rb`',
    '`ruby app.rb`, or `bundle exec ruby app.rb` where a `Gemfile` names a gem',
  ],
  ['`_config.yml`, and Jekyll asked for', '`bundle exec jekyll serve --host 127.0.0.1 --port {port}`'],
  ['`Cargo.toml` and `src/main.rs`', '`cargo run`'],
];

const interpreters: readonly (readonly [string, string])[] = [
  [
    'Node.js',
    '`interpreter`; the version that `.nvmrc`, `.node-version`, `.tool-versions` or `volta` in `package.json` asks for, among those of nvm, fnm, Volta, asdf and mise; the PATH. `node_modules/.bin` is on the PATH.',
  ],
  [
    'Python',
    '`interpreter`; an environment beside the service (`.venv`, `venv`, `env`, `.conda`); the one selected in the editor; an environment further up; the version of `.python-version` or `.tool-versions`; the PATH.',
  ],
  ['Go', '`interpreter`; `GOROOT`; the one of the editor’s settings; the PATH; where installers put it.'],
  [
    'Java',
    '`interpreter`; the version of `.sdkmanrc`, `.java-version` or `.tool-versions`; `JAVA_HOME`; the one of the editor’s settings; the PATH.',
  ],
  ['PHP', '`interpreter`; the one of the editor’s settings; the PATH.'],
  [
    'Ruby',
    '`interpreter`; the version of `.ruby-version`, `.tool-versions` or the `Gemfile`, among those of rbenv, RVM, asdf and mise; the PATH.',
  ],
];

const debugging: readonly (readonly [string, string, string, string])[] = [
  ['node', '`--inspect`, or `NODE_OPTIONS` for what npm and others start', '', 'VS Code itself'],
  [
    'python',
    '`python -m debugpy --listen`',
    'debugpy, from the extension or in the environment',
    'Python Debugger (`ms-python.debugpy`)',
  ],
  ['go', '`dlv exec --headless`, built without optimisation', '`dlv`', 'Go (`golang.go`)'],
  [
    'java',
    '`-agentlib:jdwp=…`, or `JAVA_TOOL_OPTIONS`',
    '',
    'Debugger for Java (`vscjava.vscode-java-debug`)',
  ],
  [
    'php',
    '`-d xdebug.mode=debug …`; each process calls the editor',
    'Xdebug 3',
    'PHP Debug (`xdebug.php-debug`)',
  ],
  ['ruby', 'the debug gem, listening', 'the gem `debug`', 'rdbg (`KoichiSasada.vscode-rdbg`)'],
];

const fields: readonly (readonly [string, string])[] = [
  ['`name`', 'What `runtime` says: lower-case letters, digits and hyphens, and none of our own names.'],
  ['`title`', 'As people call it.'],
  ['`programs`', 'First words of a command that mean it.'],
  ['`detects`', 'A folder with one of these files is proposed as a service of it.'],
  ['`command`', 'The command of a service that names none; `{port}` is its port.'],
  ['`handshake`', 'Of such a service; `port` without it.'],
  ['`env`', 'Variables beneath the service’s own.'],
  [
    '`checks`',
    'Before a start: `{program, atLeast, versionArguments, install}` for a program and its least version, `{file, way}` for a file that has to be there.',
  ],
  ['`build`', '`{command, inputs, outputs}`, as the key of a service.'],
  [
    '`debug`',
    '`args` right behind the program’s name and `env`, in which `{port}` is the debugger’s; `listening`, a regular expression with groups `host` and `port` for the line that tells where it listens; `attach`, the configuration of the editor, with `{host}`, `{port}` and `{cwd}`; `extension`, which brings that debugger.',
  ],
];
