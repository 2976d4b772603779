/** Python services under a whole runtime, with the system's Python: environments, what is missing, and debugpy. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm, symlink } from 'node:fs/promises';
import { basename } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { systemPython } from '../support/system-packages.ts';
import { initialized, Project } from './project-support.ts';
import { until } from './support.ts';

const run = promisify(execFile);

/** Python of the system before any other that a version manager has put on the PATH. */
const system = { PATH: '/usr/bin:/bin' };

const server = `
import http.server, json, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"prefix": sys.prefix, "program": sys.executable, "env": dict(os.environ)}).encode())
    def log_message(self, *args):
        pass
print("it begins")
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`;
const witness = `  witness: { command: python3 server.py }`;

interface Told {
  readonly prefix: string;
  readonly program: string;
  readonly env: Readonly<Record<string, string>>;
}

const told = (text: string): Told => JSON.parse(text) as Told;

async function makeEnvironment(
  project: Project,
  path: string,
  ...options: readonly string[]
): Promise<string> {
  await run(systemPython, ['-m', 'venv', '--without-pip', ...options, project.at(path)]);
  return project.at(path);
}

test('a Python server answers, and what it prints comes at once', async (t) => {
  const project = await Project.of(
    t,
    { 'server.py': server, 'runtimes.yaml': `services:\n  web: { command: python3 server.py }\n` },
    system,
  );
  await project.start();
  const { env } = told(await project.answer('web'));
  assert.equal(env['PYTHONUNBUFFERED'], '1');
  await until('its first line', () => project.printed('web').includes('it begins'));
});

test('the virtual environment of the project is what python means, without being activated', async (t) => {
  const project = await Project.of(
    t,
    {
      'server.py': server,
      'api/server.py': server,
      'runtimes.yaml': `services:
  web: { command: python server.py }
  api: { command: python server.py, cwd: api }
`,
    },
    { ...system, PYTHONHOME: '' },
  );
  const whole = await makeEnvironment(project, '.venv');
  const own = await makeEnvironment(project, 'api/venv');
  await project.start();
  const web = told(await project.answer('web'));
  assert.equal(web.prefix, whole);
  assert.equal(web.env['VIRTUAL_ENV'], whole);
  assert.equal(web.env['PATH']?.split(':')[0], `${whole}/bin`);
  assert.equal(web.env['PYTHONHOME'], undefined);
  assert.equal(told(await project.answer('api')).prefix, own, 'the nearest one');
});

test('the interpreter that the editor has selected is taken, and another selection counts from the next start on', async (t) => {
  const project = await Project.of(
    t,
    { 'server.py': server, 'runtimes.yaml': `services:\n  web: { command: python server.py }\n` },
    system,
  );
  await makeEnvironment(project, '.venv');
  const other = await makeEnvironment(project, 'elsewhere/other');
  await project.runtime.equip({ interpreters: { python: `${other}/bin/python` } });
  await project.start();
  assert.equal(told(await project.answer('web')).prefix, other);
  await project.runtime.equip({ interpreters: { python: null } });
  await project.runtime.restart({ kind: 'all' });
  assert.equal(told(await project.answer('web')).prefix, project.at('.venv'));
});

test('an environment whose Python is gone is named, the rest runs on, and made again it is used', async (t) => {
  const project = await Project.of(
    t,
    {
      'server.py': server,
      'broken/server.py': server,
      'runtimes.yaml': `services:\n  web: { command: python server.py, cwd: broken }\n${witness}\n`,
    },
    system,
  );
  const path = await makeEnvironment(project, 'broken/.venv');
  for (const name of ['python', 'python3', 'python3.11']) await rm(`${path}/bin/${name}`, { force: true });
  await symlink('/nowhere/python3', `${path}/bin/python`);
  await project.start();
  const fault = await project.fault('web');
  assert.equal(fault.code, 'missing-program');
  assert.match(fault.message, / is not there \(the Python of the virtual environment broken\/\.venv\)\.$/);
  assert.match(fault.hint ?? '', /python3 -m venv broken\/\.venv/);
  assert.ok(await project.answer('witness'));
  await rm(path, { recursive: true });
  await makeEnvironment(project, 'broken/.venv');
  assert.equal(told(await project.mended('web')).prefix, path);
});

test('without the Python that the command names, the fault says where it was looked for, and which one is there', async (t) => {
  const project = await Project.of(
    t,
    {
      'server.py': server,
      'runtimes.yaml': `services:\n  web: { command: python3.999 server.py }\n${witness}\n`,
    },
    system,
  );
  await project.start();
  const fault = await project.fault('web');
  assert.equal(fault.code, 'missing-program');
  assert.match(fault.message, /^python3\.999 is not there\.$/);
  assert.match(fault.hint ?? '', /^There is \/usr\/bin\/python3: write "python3" instead/);
  assert.ok(await project.answer('witness'));
});

test('a script or a module that is not there is named with its path', async (t) => {
  const project = await Project.of(
    t,
    {
      'server.py': server,
      'pack/__init__.py': '',
      'runtimes.yaml': `services:
  script: { command: python3 -u src/app.py }
  module: { command: python3 -m pack.serve }
${witness}
`,
    },
    system,
  );
  await project.start();
  const script = await project.fault('script');
  assert.equal(script.code, 'missing-entry');
  assert.ok(script.message.includes(project.at('src/app.py')), script.message);
  const module = await project.fault('module');
  assert.equal(module.code, 'missing-entry');
  assert.ok(module.message.includes(project.at('pack/serve.py')), module.message);
  assert.ok(await project.answer('witness'));
});

test('a framework that the environment lacks is told with the command that installs it, and its coming starts the service', async (t) => {
  const project = await Project.of(
    t,
    {
      'server.py': server,
      'api/app.py': `from flask import Flask\n${server}`,
      'api/requirements.txt': 'flask>=2\n',
      'runtimes.yaml': `services:\n  api: { command: python app.py, cwd: api }\n${witness}\n`,
    },
    system,
  );
  const path = await makeEnvironment(project, 'api/.venv');
  await project.start();
  const fault = await project.fault('api');
  assert.equal(fault.code, 'missing-dependencies');
  assert.match(fault.message, /app\.py imports flask, and there is no flask in \S+site-packages/);
  assert.equal(fault.hint, 'Run: cd api && .venv/bin/pip install -r requirements.txt');
  assert.ok(await project.answer('witness'));
  const version = /python3\.\d+/.exec((await run('ls', [`${path}/lib`])).stdout)?.[0] ?? '';
  await project.write({ [`api/.venv/lib/${version}/site-packages/flask.py`]: 'Flask = None\n' });
  assert.equal(told(await project.mended('api')).prefix, path);
});

test('a version that .python-version asks for and that is nowhere is told, with its line', async (t) => {
  const project = await Project.of(
    t,
    {
      '.python-version': '3.99\n',
      'server.py': server,
      'other/server.py': server,
      'runtimes.yaml': `services:
  web: { command: python3 server.py }
  other: { command: python3 server.py, interpreter: ${systemPython} }
`,
    },
    system,
  );
  await project.start();
  const fault = await project.fault('web');
  assert.equal(fault.code, 'wrong-version');
  assert.match(
    fault.message,
    /^\.python-version asks for Python 3\.99, and \/usr\/bin\/python3 is 3\.\d+\.\d+\.$/,
  );
  assert.match(fault.hint ?? '', /pyenv install 3\.99/);
  assert.ok(await project.answer('other'), 'an interpreter that the file names is beyond question');
});

test('Flask, uvicorn and gunicorn answer with the flags that their commands have', async (t) => {
  const project = await Project.of(
    t,
    {
      'app.py': `from flask import Flask\napp = Flask(__name__)\n@app.route("/")\ndef hello():\n    return "from flask"\n`,
      'asgi.py': `
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"from asgi"})
`,
      'wsgi.py': `def app(environ, respond):\n    respond("200 OK", [])\n    return [b"from wsgi"]\n`,
      'runtimes.yaml': `services:
  flask: { command: 'flask --app app run --port {port}' }
  uvicorn: { command: 'python3 -m uvicorn asgi:app --port {port}' }
  gunicorn: { command: 'python3 -m gunicorn -b 127.0.0.1:{port} wsgi:app' }
`,
    },
    system,
  );
  await project.start();
  assert.equal(await project.answer('flask'), 'from flask');
  assert.equal(await project.answer('uvicorn'), 'from asgi');
  assert.equal(await project.answer('gunicorn'), 'from wsgi');
});

test('a Python service that is debugged listens for debugpy’s clients, which it answers', async (t) => {
  const project = await Project.of(
    t,
    {
      'server.py': server,
      'app.py': `from flask import Flask\napp = Flask(__name__)\n@app.route("/")\ndef hello():\n    return "from flask"\n`,
      'runtimes.yaml': `services:
  script: { command: python3 server.py }
  flask: { command: 'flask --app app run --port {port}' }
`,
    },
    system,
  );
  await project.start(true);
  for (const service of ['script', 'flask']) {
    assert.match(await initialized(await project.debugger(service)), /"success":\s*true/, service);
    assert.ok(await project.answer(service), service);
  }
});

test('without debugpy in the environment, that of the editor’s extension is used, and without either the fault says how to get it', async (t) => {
  const project = await Project.of(
    t,
    { 'server.py': server, 'runtimes.yaml': `services:\n  web: { command: python server.py }\n` },
    system,
  );
  await makeEnvironment(project, '.venv');
  await project.start(true);
  const fault = await project.fault('web');
  assert.equal(fault.code, 'missing-program');
  assert.match(fault.message, /^debugpy is not there \(the debugger of Python\)\.$/);
  assert.match(fault.hint ?? '', /ms-python\.debugpy.*\.venv\/bin\/pip install debugpy/);
  // With what it is made of, which Debian keeps beside it, and nothing else that lies there.
  const where = `import importlib.util as u
for name in ("debugpy", "bytecode"):
    spec = u.find_spec(name)
    if spec: print(spec.submodule_search_locations[0])`;
  await project.write({ 'bundled/.keep': '' });
  for (const path of (await run(systemPython, ['-c', where])).stdout.trim().split('\n')) {
    await symlink(path, project.at(`bundled/${basename(path)}`));
  }
  await project.runtime.equip({ debuggers: { python: project.at('bundled') } });
  await project.start(true);
  assert.match(await initialized(await project.debugger('web')), /"success":\s*true/);
  assert.equal(told(await project.answer('web')).prefix, project.at('.venv'));
});
