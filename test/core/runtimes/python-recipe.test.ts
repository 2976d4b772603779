import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommand } from '../../../src/core/runtimes/python/command.ts';
import { python } from '../../../src/core/runtimes/python.ts';
import type { Look, Told } from '../../../src/core/runtimes/recipe.ts';
import { aimsOf } from '../../support/aims.ts';
import { lookAt, type PretendedMachine } from '../../support/look.ts';
import { specOf } from '../../support/spec.ts';
import { application } from '../../support/application.ts';
import { Machine } from './support.ts';

const system = '/usr/bin/python3';
const exit = (code: number): Told => ({ exit: { code }, stdout: '', stderr: '' });

const tells =
  'import json,sys;print(json.dumps({"version":list(sys.version_info[:3]),"folders":[p for p in sys.path if p]}))';
const finds = (module: string): string =>
  `import importlib.util,sys;sys.exit(0 if importlib.util.find_spec("${module}") else 3)`;

/** What an interpreter answers: its version, and which modules it has. */
function speaks(
  program: string,
  version: string,
  modules: Readonly<Record<string, boolean>> = {},
): Readonly<Record<string, string | Told>> {
  const folder = `${program.replace(/\/bin\/.*$/, '')}/lib/site-packages`;
  return {
    [`${program} -c ${tells}`]: JSON.stringify({
      version: version.split('.').map(Number),
      folders: [folder],
    }),
    [`${program} --version`]: `Python ${version}\n`,
    ...Object.fromEntries(
      Object.entries(modules).map(([name, there]) => [`${program} -c ${finds(name)}`, exit(there ? 0 : 3)]),
    ),
  };
}

function machine(files: Readonly<Record<string, string>>, more: PretendedMachine = {}): Machine {
  return new Machine(python, {
    ...more,
    files: { [system]: '', '/w/app.py': '', ...files },
    says: { ...speaks(system, '3.11.2'), ...more.says },
  });
}

/** As `django-admin startproject` writes it. */
const manage = `#!/usr/bin/env python
"""Django's command-line utility for administrative tasks."""
import os
import sys


def main():
    """Run administrative tasks."""
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')
    try:
        from django.core.management import execute_from_command_line
    except ImportError as exc:
        raise ImportError("Couldn't import Django.") from exc
    execute_from_command_line(sys.argv)
`;

const environment = (path: string): Readonly<Record<string, string>> => ({
  [`${path}/pyvenv.cfg`]: 'home = /usr/bin\nversion = 3.11.2\n',
  [`${path}/bin/python`]: '',
});

describe('a Python command', () => {
  it('is read for what it runs, and not where its options could mean anything', () => {
    const rows: readonly (readonly [string, string])[] = [
      ['python app.py', 'script app.py'],
      ['python3.11 -u -W ignore -Xdev app.py --port 1', 'script app.py'],
      ['python -m flask run', 'module flask'],
      ['py -3 app.py', 'script app.py'],
      ['/opt/bin/python app.py', 'script app.py'],
      ['flask run', 'tool flask'],
      ['uv run uvicorn app:app', 'tool uvicorn'],
      ['poetry run python app.py', 'script app.py'],
      ['uv run main.py', 'script main.py'],
      ['uv run --with x main.py', 'unclear'],
      ['poetry shell', 'unclear'],
      ['python -c 1', 'unclear'],
      ['python -', 'unclear'],
      ['python', 'unclear'],
    ];
    for (const [text, expected] of rows) {
      const { runs } = readCommand(text.split(' '));
      const what =
        'script' in runs ? runs.script : 'module' in runs && runs.kind === 'module' ? runs.module : '';
      const told = runs.kind === 'tool' ? `tool ${runs.name}` : `${runs.kind} ${what}`.trim();
      assert.equal(told, expected, text);
    }
  });
});

describe('the Python of a service', () => {
  const run = { command: 'python app.py' };
  const both = { '/usr/bin/python': '', ...environment('/w/.venv'), '/w/api/app.py': '' };

  it('prints what it prints at once', async () => {
    const env = await machine({}).environment({ command: 'python3 app.py' });
    assert.equal(env['PYTHONUNBUFFERED'], '1');
    const own = { command: 'python3 app.py', spec: { env: { PYTHONUNBUFFERED: '' } } };
    assert.equal((await machine({}).environment(own))['PYTHONUNBUFFERED'], '');
  });

  it('is the project’s virtual environment, first on the PATH, told as if it were activated', async () => {
    const inherited = { PATH: '/usr/bin', PYTHONHOME: '/opt/python' };
    const env = await machine(both, { env: inherited }).environment(run, inherited);
    assert.deepEqual(
      [env['PATH'], env['VIRTUAL_ENV'], env['PYTHONHOME']],
      ['/w/.venv/bin:/usr/bin', '/w/.venv', undefined],
    );
    assert.equal(await machine(both).runs(run), 'python app.py');
  });

  it('is the nearest environment up to the workspace folder, whichever of its names it has', async () => {
    const rows: readonly (readonly [Readonly<Record<string, string>>, string | undefined])[] = [
      [environment('/w/venv'), '/w/venv/bin'],
      [environment('/w/env'), '/w/env/bin'],
      [{ ...environment('/w/venv'), ...environment('/w/api/.venv') }, '/w/api/.venv/bin'],
      [environment('/.venv'), undefined],
      [{ '/w/env/bin/python': '' }, undefined],
      [{ '/w/.conda/conda-meta/history': '', '/w/.conda/bin/python': '' }, '/w/.conda/bin'],
      [{ ...environment('/kept/shop'), '/w/.venv': '/kept/shop\n' }, '/kept/shop/bin'],
      // Made on another system.
      [{ '/w/.venv/pyvenv.cfg': '', '/w/.venv/Scripts/python.exe': '' }, undefined],
    ];
    for (const [files, bin] of rows) {
      const there = machine({ '/usr/bin/python': '', '/w/api/app.py': '', ...files });
      const { path } = await there.plan({ ...run, spec: { cwd: '/w/api' } });
      assert.deepEqual(path, bin === undefined ? undefined : [bin], JSON.stringify(files));
    }
  });

  it('is an active environment only where it is the project’s own or the service names it', async () => {
    const files = {
      '/usr/bin/python': '',
      ...environment('/other/venv'),
      ...environment('/w/tools/special'),
    };
    const active = (path: string): PretendedMachine => ({ env: { VIRTUAL_ENV: path } });
    assert.equal((await machine(files, active('/other/venv')).plan(run)).path, undefined);
    assert.deepEqual((await machine(files, active('/w/tools/special')).plan(run)).path, [
      '/w/tools/special/bin',
    ]);
    const spec = { env: { VIRTUAL_ENV: '/other/venv' } };
    assert.deepEqual((await machine(files).plan({ ...run, spec })).path, ['/other/venv/bin']);
  });

  it('is the one selected in the editor, but for a project below the folder that has its own', async () => {
    const chosen = { chosen: { python: '/kept/a/bin/python' } };
    const files = { ...both, ...environment('/kept/a'), ...environment('/w/api/.venv') };
    assert.deepEqual((await machine(files, chosen).plan(run)).path, ['/kept/a/bin']);
    const below = await machine(files, chosen).plan({ ...run, spec: { cwd: '/w/api' } });
    assert.deepEqual(below.path, ['/w/api/.venv/bin']);
    const gone = { chosen: { python: '/kept/none/bin/python' } };
    assert.deepEqual((await machine(files, gone).plan(run)).path, ['/w/.venv/bin']);
  });

  it('is the version or the environment that .python-version names', async () => {
    const versions = '/home/ann/.pyenv/versions';
    const files = {
      '/usr/bin/python': '',
      [`${versions}/3.12.1/bin/python3`]: '',
      [`${versions}/3.12.10/bin/python3`]: '',
    };
    const newest = await machine({ ...files, '/w/.python-version': '3.12\n' }).plan(run);
    assert.deepEqual(newest.path, [`${versions}/3.12.10/bin`]);
    const named = { ...files, '/w/.python-version': 'shop\n', ...environment(`${versions}/shop`) };
    assert.deepEqual((await machine(named).plan(run)).path, [`${versions}/shop/bin`]);
    const uv = '/home/ann/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu';
    const kept = await machine({ ...files, '/w/.python-version': '3.13', [`${uv}/bin/python3`]: '' }).plan(
      run,
    );
    assert.deepEqual(kept.path, [`${uv}/bin`]);
    for (const text of ['pypy3.9', '3.99\n3.11\n']) {
      await machine({ ...files, '/w/.python-version': text }).plan(run);
    }
  });

  it('is a fault where the version that was chosen is nowhere; an environment’s own version is only told', async () => {
    const there = { command: 'python3 app.py' };
    const fault = await machine({ '/w/.python-version': '\n3.12\n' }).fault(there);
    assert.equal(fault.message, '.python-version asks for Python 3.12, and /usr/bin/python3 is 3.11.2.');
    assert.deepEqual(fault.places, [{ file: '/w/.python-version', line: 2, column: 1 }]);
    const made = await machine({ ...both, '/w/.python-version': '3.12' }).plan(run);
    assert.deepEqual(made.warnings, [
      '.python-version asks for Python 3.12, and /w/.venv/bin/python is 3.11.2.',
    ]);
    const project = '[project]\nname = "shop"\nrequires-python = ">=3.12"\n';
    const told = await machine({ '/w/pyproject.toml': project }).plan(there);
    assert.deepEqual(told.warnings, [
      'pyproject.toml asks for Python >=3.12, and /usr/bin/python3 is 3.11.2.',
    ]);
    const poetry = '[tool.poetry.dependencies]\nflask = "*"\npython = "^3.10"\n';
    assert.equal((await machine({ '/w/pyproject.toml': poetry }).plan(there)).warnings, undefined);
  });

  it('stands in the place of the command’s word for it where the file names it, or nobody wrote the command', async () => {
    const named = { ...run, spec: { interpreter: '/opt/py/bin/python3.13' } };
    assert.equal(
      await machine({ '/opt/py/bin/python3.13': '' }).runs(named),
      '/opt/py/bin/python3.13 app.py',
    );
    const proposed = { proposed: 'there is app.py' };
    assert.equal(await machine({}).runs({ ...run, spec: proposed }), '/usr/bin/python3 app.py');
    const flask = machine({}, { says: speaks(system, '3.11.2', { flask: true }) });
    assert.equal(
      await flask.runs({ command: 'flask run --port {port}', spec: proposed }),
      '/usr/bin/python3 -m flask run --port {port}',
    );
    const windows = { windows: true, platform: 'win32' };
    const launcher = new Machine(python, {
      files: { 'C:\\Windows\\py': '', 'C:\\w\\app.py': '' },
      folder: 'C:\\w',
      env: { PATH: 'C:\\Windows' },
    });
    assert.equal(
      await launcher.runs({ ...run, spec: { ...proposed, cwd: 'C:\\w' }, aims: windows }),
      'C:\\Windows\\py -3 app.py',
    );
  });

  it('that is not there is a fault, which names the one that is', async () => {
    const fault = await machine({}).fault(run);
    assert.equal(fault.message, 'python is not there.');
    assert.match(fault.hint ?? '', /^There is \/usr\/bin\/python3: write "python3" instead/);
    const broken = new Machine(python, {
      files: { [system]: '', '/w/app.py': '', '/w/.venv/pyvenv.cfg': 'home = /gone\n' },
      dangling: ['/w/.venv/bin/python', '/w/.venv/bin/python3'],
    });
    assert.match(
      (await broken.fault(run)).message,
      /\/w\/\.venv\/bin\/python is not there \(the Python of the virtual environment \.venv\)/,
    );
  });
});

describe('what a Python service needs', () => {
  it('is its script, or its module', async () => {
    const files = { '/w/shop/__init__.py': '', '/w/shop/web.py': '', '/w/loose/x.txt': '' };
    const there = machine(files, { says: speaks(system, '3.11.2', { none: false, http: true }) });
    for (const command of [
      'python3 shop',
      'python3 -m shop.web',
      'python3 -m shop',
      'python3 -m loose.x',
      'python3 -m http.server',
    ]) {
      await there.plan({ command });
    }
    assert.match(
      (await there.fault({ command: 'python3 src/app.py' })).message,
      /there is no \/w\/src\/app\.py/,
    );
    assert.match(
      (await there.fault({ command: 'python3 -m shop.none' })).message,
      /there is no \/w\/shop\/none\.py/,
    );
    const none = await there.fault({ command: 'python3 -m none' });
    assert.equal(none.code, 'missing-dependencies');
    assert.match(none.hint ?? '', /pip install none$/);
  });

  it('is the framework that it imports and the project names', async () => {
    const lacking = { says: speaks(system, '3.11.2', { flask: false, django: false }) };
    const files = { '/w/app.py': 'from flask import Flask\n', '/w/requirements.txt': '# web\nFlask>=2\n' };
    const fault = await machine(files, lacking).fault({ command: 'python3 app.py' });
    assert.equal(fault.code, 'missing-dependencies');
    assert.equal(
      fault.hint,
      'Run: /usr/bin/python3 -m venv .venv && .venv/bin/pip install -r requirements.txt',
    );
    assert.deepEqual(fault.places, [{ file: '/w/requirements.txt', line: 1, column: 1 }]);
    const django = {
      '/w/manage.py': manage,
      '/w/pyproject.toml': '[project]\ndependencies = [\n  "django~=4.2",\n]\n',
      '/w/uv.lock': '',
    };
    const managed = await machine(django, lacking).fault({ command: 'python3 manage.py runserver' });
    assert.equal(managed.hint, 'Run: uv sync');
  });

  it('is not asked for where it may do without, or where nobody can tell', async () => {
    const lacking = { says: speaks(system, '3.11.2', { flask: false }) };
    const run = { command: 'python3 app.py' };
    const flask = 'from flask import Flask\n';
    await machine({ '/w/app.py': flask, '/w/requirements.txt': 'flask-cors\n' }, lacking).plan(run);
    await machine({ '/w/app.py': flask }, lacking).plan(run);
    await machine({ '/w/app.py': `if False:\n    ${flask}`, '/w/requirements.txt': 'flask\n' }, lacking).plan(
      run,
    );
    const silent = { says: { [`${system} -c ${tells}`]: exit(1) } };
    await machine({ '/w/app.py': flask, '/w/requirements.txt': 'flask\n' }, silent).plan(run);
  });

  it('is not asked for where the script may have it found elsewhere, or may bring it', async () => {
    const says = speaks(system, '3.11.2', { flask: false, bottle: false, django: false });
    const requirements = { '/w/requirements.txt': 'flask\nbottle\ndjango\n' };
    const rows: readonly Readonly<Record<string, string>>[] = [
      { '/w/app.py': 'import sys\nsys.path.insert(0, "lib")\nimport bottle\n', '/w/lib/bottle.py': '' },
      { '/w/app.py': 'import sys; sys.path.insert(0, "lib")\nimport bottle\n' },
      { '/w/app.py': 'import vendor_setup\nimport bottle\n', '/w/vendor_setup.py': '' },
      { '/w/app.py': 'import google.appengine\nfrom . import paths\nimport bottle\n' },
      { '/w/app.py': 'import os\nos.system("pip install bottle")\nimport bottle\n' },
      { '/w/app.py': '"""Usage:\nimport bottle\n"""\nprint(1)\n' },
      { '/w/app.py': 'x = """\nimport bottle\n"""\n' },
    ];
    for (const files of rows) {
      const there = machine({ ...requirements, ...files }, { says });
      await there.plan({ command: 'python3 app.py' });
    }
    const beside = { '/w/src/app.py': 'import bottle\n', '/w/src/bottle.py': '' };
    await machine({ ...requirements, ...beside }, { says }).plan({ command: 'python3 src/app.py' });
    const real = { '/kept/bottle.py': '', '/w/app.py': 'import bottle\n' };
    const asks = 'import os,sys;print(os.path.realpath(sys.argv[1]))';
    const linked = { says: { ...says, [`${system} -c ${asks} /w/app.py`]: '/kept/app.py\n' } };
    await machine({ ...requirements, ...real }, linked).plan({ command: 'python3 app.py' });
    const site = manage.replace('import sys\n', 'import site\nimport sys\nsite.addsitedir("lib")\n');
    const falling = manage.replace('raise ImportError', 'import vendored as x\n        print');
    for (const text of [site, falling]) {
      const there = machine({ ...requirements, '/w/manage.py': text }, { says });
      await there.plan({ command: 'python3 -W error -X dev manage.py runserver' });
    }
    const long = `# shop\nfrom os import (\n    path,\n)\nimport json, flask\n`;
    const fault = await machine({ ...requirements, '/w/app.py': long }, { says }).fault({
      command: 'python3 app.py',
    });
    assert.equal(fault.code, 'missing-dependencies');
  });

  it('is looked for with what the command sets before it', async () => {
    const says = {
      ...speaks(system, '3.11.2', { mypkg: false }),
    };
    const there = machine({ '/w/src/mypkg/__main__.py': '' }, { says });
    const spec = { shell: true };
    await there.fault({ command: '/usr/bin/python3 -m mypkg', spec });
    const env: (Readonly<Record<string, string>> | undefined)[] = [];
    const look = lookAt({ files: { [system]: '', '/w/src/mypkg/__main__.py': '' } });
    const asking: Look = {
      ...look,
      ask: (argv, options) => {
        env.push(options?.env);
        return look.ask(argv, options);
      },
    };
    const command = ['PYTHONPATH=src /usr/bin/python3 -m mypkg'];
    await python.plan(specOf({ runtime: 'python', command, shell: true }), asking, aimsOf());
    assert.deepEqual(env.at(-1), { PATH: '/usr/bin', PYTHONPATH: 'src' });
    await there.plan({ command: 'python3 app-{port}.py' });
    await there.plan({ command: 'eval python3 -m mypkg', spec });
    await there.plan({ command: 'command python3 none.py', spec });
  });

  it('is not judged where a runner, a build or a PATH of its own brings another Python', async () => {
    const wishing = {
      '/usr/bin/uv': '',
      '/usr/bin/poetry': '',
      '/usr/bin/tox': '',
      '/w/.python-version': '3.13',
    };
    for (const command of ['uv run main.py', 'poetry run python app.py', 'uv run --with x a.py', 'tox']) {
      await machine(wishing).plan({ command });
    }
    const gone = new Machine(python, {
      files: { '/usr/bin/uv': '', '/w/.venv/pyvenv.cfg': 'home = /gone\n' },
      dangling: ['/w/.venv/bin/python'],
    });
    await gone.plan({ command: 'uv run main.py' });
    const build = { command: ['make', 'venv'], inputs: [], outputs: [] };
    const none = machine({}, { says: speaks(system, '3.11.2', { shop: false }) });
    for (const command of ['python app.py', 'uvicorn main:app', 'python3 -m shop']) {
      await none.plan({ command, spec: { build } });
    }
    const interpreter = '.venv/bin/python';
    assert.equal(
      await none.runs({ command: 'python app.py', spec: { build, interpreter } }),
      '/w/.venv/bin/python app.py',
    );
    const lacking = { says: speaks('/w/.venv/bin/python', '3.11.2', { shop: false }) };
    const own = { env: { PATH: '/opt/py/bin' } };
    const files = { ...environment('/w/.venv'), '/opt/py/bin/python3': '' };
    await machine(files, lacking).plan({ command: 'python3 -m shop', spec: own });
  });

  it('is not its application where its server looks in a folder that nobody can tell', async () => {
    const bin = '/w/.venv/bin';
    const served = {
      ...environment('/w/.venv'),
      [`${bin}/uvicorn`]: '',
      [`${bin}/gunicorn`]: '',
      '/usr/bin/hypercorn': '',
    };
    const says = speaks(`${bin}/python`, '3.11.2', { none: false, Server: false, web: false });
    const there = machine(served, { says });
    await machine({ ...served, '/w/gunicorn.conf.py': 'chdir = "src"\n' }, { says }).plan({
      command: 'gunicorn none:app',
    });
    const variables = [{ GUNICORN_CMD_ARGS: '--chdir=src' }, { UVICORN_APP_DIR: 'src' }];
    for (const env of variables) {
      const tool = 'GUNICORN_CMD_ARGS' in env ? 'gunicorn' : 'uvicorn';
      await there.plan({ command: `${tool} none:app`, spec: { env } });
    }
    for (const command of [
      'GUNICORN_CMD_ARGS=--chdir=src gunicorn none:app',
      'gunicorn -cconf.py none:app',
      'gunicorn --pythonpath src none:app',
      'uvicorn --header Server:x app',
      'hypercorn none:app',
    ]) {
      await there.plan({ command, spec: { shell: true } });
    }
    const reloaded = await there.fault({ command: 'uvicorn --port 1 --reload none:app' });
    assert.equal(reloaded.code, 'missing-entry');
  });

  it('is not its module where a package may find that elsewhere', async () => {
    const there = machine({
      '/w/spread/__init__.py': '__path__ = __import__("pkgutil").extend_path(__path__, __name__)\n',
      '/w/made/__init__.py': '',
      '/w/made/web.pyc': '',
    });
    await there.plan({ command: 'python3 -m spread.web' });
    await there.plan({ command: 'python3 -m made.web' });
  });

  it('is its tool, and the application that the tool is to serve', async () => {
    const files = {
      ...environment('/w/.venv'),
      '/w/.venv/bin/uvicorn': '',
      '/w/requirements.txt': 'gunicorn\n',
    };
    const says = speaks('/w/.venv/bin/python', '3.11.2', { main: true, none: false });
    const there = machine(files, { says });
    await there.plan({ command: 'uvicorn main:app --port {port}' });
    await there.plan({ command: 'uvicorn none:app --app-dir src' });
    const entry = await there.fault({ command: 'uvicorn none.web:app' });
    assert.match(entry.message, /begins with none\.web:app, and there is no \/w\/none\/web\.py/);
    const missing = await there.fault({ command: 'gunicorn main:app' });
    assert.equal(missing.hint, 'Run: .venv/bin/pip install -r requirements.txt');
    const unnamed = await there.fault({ command: 'hypercorn main:app' });
    assert.deepEqual(
      [unnamed.code, unnamed.hint],
      [
        'missing-program',
        'Run: .venv/bin/pip install hypercorn\nIt was looked for in /w/.venv/bin, /usr/bin.',
      ],
    );
    assert.match((await there.fault({ command: 'poetry run flask run' })).hint ?? '', /python-poetry\.org/);
  });
});

describe('a Python service under its debugger', () => {
  const aims = { debugPort: 5678 };
  const under = '-Xfrozen_modules=off -m debugpy --listen 127.0.0.1:5678';
  const all = { flask: true, uvicorn: true, app: true, debugpy: true };
  const there = machine(
    {
      '/usr/bin/uvicorn': '',
      '/usr/bin/flask': '',
      '/usr/bin/odd': '#!/usr/bin/python3\n',
      '/usr/bin/sh-tool': '#!/bin/sh\n',
    },
    { says: speaks(system, '3.11.2', all) },
  );

  it('runs as it was written, by debugpy', async () => {
    const rows = [
      ['python3 -u app.py --verbose', `python3 -u ${under} app.py --verbose`],
      ['python3 -m flask run', `python3 ${under} -m flask run`],
      ['flask run --debug', `${system} ${under} -m flask run --debug`],
      ['uvicorn app:app --reload', `${system} ${under} -m uvicorn app:app --reload`],
      ['odd thing', `${system} ${under} /usr/bin/odd thing`],
    ] as const;
    for (const [command, expected] of rows) assert.equal(await there.runs({ command, aims }), expected);
    const shell = { command: 'DEBUG=1 exec flask run -p $PORT', spec: { shell: true }, aims };
    assert.equal(await there.runs(shell), `DEBUG=1 exec ${system} ${under} -m flask run -p $PORT`);
  });

  it('is a fault where debugpy cannot be put into its command', async () => {
    for (const command of ['sh-tool', 'python3 -c 1']) {
      assert.equal((await there.fault({ command, aims })).code, 'unfit', command);
    }
    const spec = { shell: true };
    assert.equal((await there.fault({ command: 'python3 app.py | tee log', spec, aims })).code, 'unfit');
    await there.plan({ command: 'python3 app.py | tee log', spec });
  });

  it('finds the debugpy of the editor beside what the command sets', async () => {
    const lean = machine({}, { says: speaks(system, '3.11.2', { debugpy: false }) });
    const run = { command: 'PYTHONPATH=src python3 app.py', spec: { shell: true } };
    assert.equal(
      await lean.runs({ ...run, aims: { ...aims, debuggerFolder: '/ext/libs' } }),
      `PYTHONPATH=src env PYTHONPATH=/ext/libs:src python3 ${under} app.py`,
    );
  });

  it('takes debugpy from the environment, else from the editor, else says how to get it', async () => {
    const lean = machine(
      {},
      { says: speaks(system, '3.11.2', { debugpy: false }), env: { PYTHONPATH: '/w/lib' } },
    );
    const run = { command: 'python3 app.py' };
    const bundled = { ...aims, debuggerFolder: '/ext/bundled/libs' };
    const env = await lean.environment({ ...run, aims: bundled }, { PATH: '/usr/bin', PYTHONPATH: '/w/lib' });
    assert.equal(env['PYTHONPATH'], '/ext/bundled/libs:/w/lib');
    assert.equal((await there.environment({ ...run, aims: bundled }))['PYTHONPATH'], undefined);
    const fault = await lean.fault({ ...run, aims });
    assert.equal(fault.code, 'missing-program');
    assert.match(fault.hint ?? '', /ms-python\.debugpy/);
    await lean.plan(run);
  });
});

describe('a modern Python application of App Engine', () => {
  const app = { ...application({ runtime: 'python311' }), proposed: 'app.yaml has no entrypoint' };
  const asked = { command: 'gunicorn -b :${PORT} main:app', spec: { ...app, shell: true } };
  const files = { '/w/main.py': '' };

  it('is served by gunicorn through a shell, in an environment of its own (RT-9)', async () => {
    const there = machine(files);
    const plan = await there.plan(asked);
    assert.deepEqual([plan.command, plan.shell], [['gunicorn -b :${PORT} main:app'], true]);
    const [build] = plan.builds ?? [];
    assert.deepEqual(
      build?.steps.slice(1).map(({ argv }) => argv.join(' ')),
      [
        '/storage/work/api/environment/bin/python -m pip install --upgrade pip',
        '/storage/work/api/environment/bin/python -m pip install -r /storage/work/api/requirements.txt',
      ],
    );
    const env = await there.environment(asked, { PATH: '/usr/bin', HOME: '/home/ann', SECRET: 'ours' });
    assert.equal(env['PATH'], '/storage/work/api/environment/bin:/usr/bin');
    assert.equal(env['VIRTUAL_ENV'], '/storage/work/api/environment');
    assert.deepEqual([env['PORT'], env['PYTHONHASHSEED'], env['SECRET']], ['4000', 'random', undefined]);
  });

  it('keeps its environment’s PATH whatever its variables say, and warns (RT-9, RT-12)', async () => {
    const spec = { ...asked.spec, env: { PATH: '/mine:/usr/bin' } };
    const there = machine(files, { env: { PATH: '/usr/bin' } });
    const env = await there.environment({ ...asked, spec });
    assert.ok(env['PATH']?.startsWith('/storage/work/api/environment/bin:'), env['PATH']);
    const { warnings } = await there.plan({ ...asked, spec });
    assert.match(warnings?.[0] ?? '', /^Environment variable PATH is part of the runtime environment/);
  });

  it('is built from files that end in requirements.txt, and anew when its entrypoint comes or goes (RT-11)', async () => {
    const without = (await machine(files).plan(asked)).builds?.[0];
    assert.deepEqual(without?.inputs.paths, ['**/*requirements.txt']);
    const entrypoint = application({ runtime: 'python311', entrypoint: 'python main.py' });
    const spec = { ...entrypoint, shell: true };
    const written = (await machine(files).plan({ command: 'python main.py', spec })).builds?.[0];
    assert.equal(without.id, written?.id, 'there is one environment');
    assert.notDeepEqual(without.steps, written?.steps);
    assert.equal(written?.steps.length, 1, 'nothing to install, so nobody is asked for anything');
    const asking = { ...files, '/w/requirements.txt': 'flask' };
    const more = (await machine(asking).plan({ command: 'python main.py', spec })).builds?.[0];
    assert.equal(more?.steps.at(-1)?.argv.at(-1), '/w/requirements.txt');
    const usual = (await machine(asking).plan(asked)).builds?.[0];
    assert.equal(
      usual?.steps.at(-1)?.argv.at(-1),
      '/storage/work/api/requirements.txt',
      'with gunicorn in it',
    );
  });

  it('fails in the reference’s words (RT-10)', async () => {
    const none = new Machine(python, { files });
    const fault = await none.fault(asked);
    assert.match(
      fault.message,
      /Could not find python3 executable\. Check to make sure that Python 3 is installed/,
    );
    const unwell = machine(files, { says: { [`${system} --version`]: exit(127) } });
    assert.equal((await unwell.fault(asked)).code, 'unfit');
    const [build] = (await machine(files).plan(asked)).builds ?? [];
    const failed = (at: number): string | undefined => {
      const step = build?.steps[at];
      return step && build.failure({ step, exit: { code: 1 }, stdout: '', stderr: '' }).text;
    };
    assert.equal(failed(0), 'Cannot create virtualenv /storage/work/api/environment');
    assert.equal(
      failed(2),
      'Failed to run "/storage/work/api/environment/bin/python -m pip install -r /storage/work/api/requirements.txt"',
    );
  });

  it('runs in the project’s own environment where it has one, which has to have gunicorn', async () => {
    const own = { ...files, ...environment('/w/.venv') };
    const says = (there: boolean) => ({ says: speaks('/w/.venv/bin/python', '3.11.2', { gunicorn: there }) });
    const plan = await machine(own, says(true)).plan(asked);
    assert.equal(plan.builds, undefined);
    assert.equal(plan.environment?.above['VIRTUAL_ENV'], '/w/.venv');
    const fault = await machine(own, says(false)).fault(asked);
    assert.equal(fault.hint, 'Run: .venv/bin/pip install gunicorn');
  });

  it('begins with main.py, unless something else is said', async () => {
    const fault = await machine({}).fault(asked);
    assert.equal(fault.code, 'missing-entry');
    assert.match(fault.message, /\/w\/main\.py/);
  });
});

describe('a Python 2.7 application of App Engine, whose launcher is named', () => {
  const files = { '/opt/python2.7': '', '/w/_python_runtime.py': '' };
  const inherited = { PATH: '/usr/bin', OURS: 'yes' };
  const asked = (dialect: 'dev' | 'internal', handshake: 'file' | 'reverse') => ({
    command: './_python_runtime.py',
    spec: {
      ...application({ runtime: 'python27' }, { dialect }),
      handshake,
      interpreter: '/opt/python2.7',
      env: { OURS: 'no', OWN: 'yes' },
    },
  });

  it('has the inherited environment and not its own variables, in the file’s flavour (RT-6)', async () => {
    const env = await machine(files).environment(asked('internal', 'file'), inherited);
    assert.deepEqual([env['OURS'], env['OWN'], env['PYTHONHASHSEED']], ['yes', undefined, 'random']);
  });

  it('has its own variables over the inherited ones, in the reverse flavour (RT-7)', async () => {
    const env = await machine(files).environment(asked('dev', 'reverse'), inherited);
    assert.deepEqual([env['OURS'], env['OWN'], env['PYTHONHASHSEED']], ['no', 'yes', 'random']);
    assert.equal(env['PORT'], '4000');
  });

  it('runs its launcher by the interpreter, or by itself where it is a single executable (RT-8)', async () => {
    assert.equal(await machine(files).runs(asked('dev', 'reverse')), '/opt/python2.7 ./_python_runtime.py');
    const spec = { ...application({ runtime: 'python27' }), handshake: 'reverse' as const };
    assert.equal(await machine(files).runs({ command: '/opt/runtime', spec }), '/opt/runtime');
  });
});
