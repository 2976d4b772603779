/** An App Engine application in a modern Python: its environment is made, filled and made again, without a network. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { systemPython } from '../support/system-packages.ts';
import { Project } from './project-support.ts';
import { until } from './support.ts';

const run = promisify(execFile);

const main = `
import json, os, sys
def app(environ, respond):
    respond("200 OK", [("Content-Type", "application/json")])
    try:
        import greeting
        said = greeting.text
    except ImportError:
        said = None
    return [json.dumps({"prefix": sys.prefix, "said": said, "env": dict(os.environ)}).encode()]
`;

/** So much of gunicorn as the usual entrypoint needs. */
const gunicorn = `
import importlib, sys
from wsgiref.simple_server import WSGIRequestHandler, make_server
class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass
def main():
    assert sys.argv[1] == "-b", sys.argv
    module, name = sys.argv[3].split(":")
    sys.path.insert(0, "")
    app = getattr(importlib.import_module(module), name)
    make_server("127.0.0.1", int(sys.argv[2].rpartition(":")[2]), app, handler_class=Quiet).serve_forever()
`;

/** Two packages as pip takes them from a folder. */
const makesWheels = `
import sys, zipfile
def wheel(name, module, text, entry=""):
    info = name + "-1.0.dist-info/"
    with zipfile.ZipFile(sys.argv[1] + "/" + name + "-1.0-py3-none-any.whl", "w") as file:
        file.writestr(module + ".py", text)
        file.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: " + name + "\\nVersion: 1.0\\n")
        file.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: by hand\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        if entry:
            file.writestr(info + "entry_points.txt", entry)
        file.writestr(info + "RECORD", "")
wheel("gunicorn", "gunicorn", sys.argv[2], "[console_scripts]\\ngunicorn = gunicorn:main\\n")
wheel("greeting", "greeting", "text = 'hello'\\n")
`;

interface Told {
  readonly prefix: string;
  readonly said: string | null;
  readonly env: Readonly<Record<string, string>>;
}

const told = (text: string): Told => JSON.parse(text) as Told;
const work = (project: Project): string => project.at('.work/shop');

interface Making {
  readonly files?: Readonly<Record<string, string>>;
  readonly entrypoint?: string;
  /** Stands before the system's own folders. */
  readonly path?: string;
}

async function projectOf(t: TestContext, { files = {}, entrypoint, path }: Making): Promise<Project> {
  const project = await Project.of(
    t,
    {
      'runtimes.yaml': 'services:\n  shop: { appYaml: shop/app.yaml }\n',
      'shop/app.yaml': `runtime: python311
env_variables: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: '\${folder}/wheels', PIP_NO_CACHE_DIR: '1' }
${entrypoint === undefined ? '' : `entrypoint: ${entrypoint}`}
`,
      'shop/main.py': main,
      'wheels/.keep': '',
      ...files,
    },
    { PATH: path ?? '/usr/bin:/bin' },
  );
  await run(systemPython, ['-c', makesWheels, project.at('wheels'), gunicorn]);
  return project;
}

/** How often something was really built so far. */
function buildsOf(project: Project): () => number {
  let done = 0;
  project.runtime.subscribe((message) => {
    if (message.kind === 'event' && message.event.event === 'build' && message.event.outcome === 'done')
      done++;
  });
  return () => done;
}

test('without an entrypoint, gunicorn serves main:app in an environment of its own, whose programs come first on the PATH; changed requirements make it anew (RT-9, RT-11)', async (t) => {
  const project = await projectOf(t, {});
  const builds = buildsOf(project);
  await project.start();
  const first = told(await project.answer('shop'));
  const folder = `${work(project)}/environment`;
  assert.equal(first.prefix, folder);
  assert.equal(first.env['VIRTUAL_ENV'], folder);
  assert.equal(first.env['PATH']?.split(':')[0], `${folder}/bin`);
  assert.equal(first.env['PYTHONHASHSEED'], 'random');
  assert.match(first.env['PORT'] ?? '', /^\d+$/);
  assert.equal(first.said, null);
  assert.equal(builds(), 1);
  assert.equal(await readFile(`${work(project)}/requirements.txt`, 'utf8'), 'gunicorn\n');

  await project.write({ 'shop/notes.txt': 'nothing to install' });
  await project.runtime.restart({ kind: 'all' });
  await project.answer('shop');
  assert.equal(builds(), 1, 'another file changes nothing');

  await project.follow('shop.0');
  await project.write({ 'shop/requirements.txt': 'greeting\n' });
  await project.runtime.restart({ kind: 'all' });
  await until('it to be made anew', () => builds() === 2, 45_000);
  assert.equal(told(await project.answer('shop')).said, 'hello');
  assert.ok(project.printed('shop').includes('dependencies changed'), project.printed('shop').join('\n'));
  assert.equal(
    await readFile(`${work(project)}/requirements.txt`, 'utf8'),
    `-r ${project.at('shop/requirements.txt')}\ngunicorn\n`,
  );
});

test('with an entrypoint, the environment has what the application asks for and nothing else (RT-9)', async (t) => {
  const serve = `python -c "import main, os; from wsgiref.simple_server import make_server as m; m('127.0.0.1', int(os.environ['PORT']), main.app).serve_forever()"`;
  const project = await projectOf(t, {
    files: { 'shop/requirements.txt': 'greeting\n' },
    entrypoint: JSON.stringify(serve),
  });
  await project.start();
  const { said, prefix } = told(await project.answer('shop'));
  assert.equal(said, 'hello');
  const asks = 'import importlib.util as u; print(u.find_spec("gunicorn"))';
  assert.equal((await run(`${prefix}/bin/python`, ['-c', asks])).stdout.trim(), 'None');
});

test('a requirement that cannot be had fails with the command that was run, and is tried again once the file is another (RT-10, RT-11)', async (t) => {
  const project = await projectOf(t, { files: { 'shop/requirements.txt': 'no-such-package-of-ours\n' } });
  const journal: string[] = [];
  project.runtime.journal.onLine((line) => journal.push(line));
  await project.start();
  const fault = await project.fault('shop');
  assert.equal(fault.code, 'build-failed');
  assert.match(fault.evidence ?? '', /no-such-package-of-ours/);
  const prefix = `${work(project)}/environment`;
  const failed = `Failed to run "${prefix}/bin/python -m pip install -r ${work(project)}/requirements.txt"`;
  assert.ok(
    journal.some((line) => line.includes(failed)),
    journal.join(''),
  );
  await project.write({ 'shop/requirements.txt': 'greeting\n' });
  assert.equal(told(await project.mended('shop')).said, 'hello');
});

const withoutVenv = `#!/bin/sh\ncase "$*" in "-m venv "*) exit 1;; esac\nexec ${systemPython} "$@"\n`;

test('where venv cannot make an environment, virtualenv does (RT-10)', async (t) => {
  const project = await projectOf(t, {
    files: {
      'tools/python3.11': withoutVenv,
      'tools/python3': withoutVenv,
      'tools/virtualenv': `#!/bin/sh\nmkdir -p "$1" && touch \${folder}/was-asked && exec ${systemPython} -m venv "$1"\n`,
    },
    path: '${folder}/tools:/usr/bin:/bin',
  });
  await project.start();
  assert.equal(told(await project.answer('shop')).prefix, `${work(project)}/environment`);
  await readFile(project.at('was-asked'));
});

test('where neither can, the fault is the reference’s (RT-10)', async (t) => {
  const project = await projectOf(t, {
    files: {
      'tools/python3.11': withoutVenv,
      'tools/python3': withoutVenv,
      'tools/virtualenv': '#!/bin/sh\nexit 1\n',
    },
    path: '${folder}/tools:/usr/bin:/bin',
  });
  const journal: string[] = [];
  project.runtime.journal.onLine((line) => journal.push(line));
  await project.start();
  const fault = await project.fault('shop');
  assert.equal(fault.code, 'build-failed');
  assert.ok(
    journal.some((line) => line.includes(`Cannot create virtualenv ${work(project)}/environment`)),
    journal.join(''),
  );
});

test('without python3 the fault has the reference’s text (RT-10)', async (t) => {
  const project = await projectOf(t, { path: '/nowhere/bin' });
  await project.start();
  const fault = await project.fault('shop');
  assert.equal(fault.code, 'unfit');
  assert.ok(
    fault.message.includes(
      'Could not find python3 executable. Check to make sure that Python 3 is installed, and that python3 is on your PATH.',
    ),
    fault.message,
  );
});
