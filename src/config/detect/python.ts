/** Python: the framework that a file makes its application with, and the server that runs it. */

import type { Folder } from './folder.ts';
import { onlyWorks } from './jobs.ts';
import { handshakeBy, type Proposal } from './proposal.ts';

/** Where an application is made, the likeliest file first. */
const files = [
  ...['main.py', 'app.py', 'api.py', 'server.py', 'asgi.py', 'wsgi.py', 'application.py', 'run.py'],
  ...['app/main.py', 'app/__init__.py', 'app/app.py', 'api/main.py', 'src/main.py', 'src/app.py'],
  ...['streamlit_app.py', 'Home.py'],
];

export function pythonServices(folder: Folder, windows: boolean): readonly Proposal[] {
  const through = launcherOf(folder);
  // In an environment of its own it has this name everywhere.
  const python = windows || through !== '' ? 'python' : 'python3';
  /** As a module a tool is found wherever its package is; its script would have to be on the PATH, too. */
  const tool = through === '' ? `${python} -m ` : '';
  const proposal = (
    name: string,
    command: string,
    because: string,
    more: Partial<Proposal> = {},
  ): readonly Proposal[] => [
    { name, runtime: 'python', command: `${through}${command}`, because, sure: true, ...more },
  ];
  if (folder.has('manage.py'))
    return proposal(
      'django',
      `${python} manage.py runserver 127.0.0.1:{port} --noreload`,
      'there is a manage.py (Django)',
    );
  const texts = files.flatMap((file) => {
    const text = isElsewhere(folder, file) ? undefined : folder.text(file);
    return text === undefined ? [] : [{ file, text }];
  });
  for (const { name, title, made, command } of frameworks) {
    for (const { file, text } of texts) {
      const [, variable] = (made.exec(text) ?? []).filter((group) => group !== undefined);
      if (variable === undefined) continue;
      const because = `${file} ${title === 'Streamlit' ? 'is' : 'makes'} a ${title} application`;
      return proposal(name, `${tool}${command(file, variable)}`, because);
    }
  }
  const wsgi = texts.find(({ text }) => /^(?:application|app)\s*=|^def (?:application|app)\(/m.test(text));
  if (wsgi !== undefined && asksFor(folder, 'gunicorn')) {
    const variable = /^(?:def )?(application|app)\b\s*[=(]/m.exec(wsgi.text)?.[1] ?? 'app';
    return proposal(
      'app',
      `${tool}gunicorn --bind 127.0.0.1:{port} ${moduleOf(wsgi.file).name}:${variable}`,
      `${wsgi.file} makes an application, and gunicorn is asked for`,
    );
  }
  const plain = texts.find(({ file }) => /^(?:main|app|server|run)\.py$/.test(file));
  if (plain === undefined) return [];
  return proposal(
    'app',
    `${python} ${plain.file}`,
    `there is ${/^[aeiou]/.test(plain.file) ? 'an' : 'a'} ${plain.file}`,
    {
      ...(plain.text.trim() === ''
        ? {}
        : handshakeBy(
            plain.text,
            onlyWorks('python', plain.text, (name) => moduleText(folder, name)),
          )),
      sure: false,
    },
  );
}

/** Of a module of the project, by its dotted name. */
function moduleText(folder: Folder, name: string): string | undefined {
  const path = name.replace(/^\.+/, '').replaceAll('.', '/');
  return path === '' ? undefined : (folder.text(`${path}.py`) ?? folder.text(`${path}/__init__.py`));
}

const telltales = ['pyproject.toml', 'requirements.txt', 'Pipfile', 'manage.py'];

/** In a folder that is a project of its own. */
function isElsewhere(folder: Folder, file: string): boolean {
  const below = file.split('/').slice(0, -1).join('/');
  return below !== '' && below !== 'src' && telltales.some((name) => folder.has(`${below}/${name}`));
}

interface Framework {
  readonly name: string;
  readonly title: string;
  /** Its group is the name of the application. */
  readonly made: RegExp;
  readonly command: (file: string, variable: string) => string;
}

const asgi = (file: string, variable: string): string => {
  const { name, folder } = moduleOf(file);
  return `uvicorn ${name}:${variable}${folder === '' ? '' : ` --app-dir ${folder}`} --port {port}`;
};

const flask = (file: string, variable: string): string => {
  const { name, folder } = moduleOf(file);
  // A function that makes it is found by Flask under its usual name.
  const app = ['app', 'application', 'create_app'].includes(variable) ? '' : `:${variable}`;
  return `flask --app ${folder === '' ? '' : `${folder}/`}${name}${app} run --port {port}`;
};

const frameworks: readonly Framework[] = [
  {
    name: 'fastapi',
    title: 'FastAPI',
    made: /^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?FastAPI\(/m,
    command: asgi,
  },
  {
    name: 'starlette',
    title: 'Starlette',
    made: /^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?:Starlette|Litestar|Quart)\(/m,
    command: asgi,
  },
  {
    name: 'flask',
    title: 'Flask',
    made: /^(\w+)\s*(?::[^=\n]+)?=\s*(?:flask\.)?Flask\(|^def (create_app)\([\s\S]*\bFlask\(/m,
    command: flask,
  },
  {
    name: 'streamlit',
    title: 'Streamlit',
    made: /^(?:import|from) (streamlit)\b/m,
    command: (file) => `streamlit run ${file} --server.port {port} --server.headless true`,
  },
];

/** `app/main.py` is the module `app.main`; `src` is a folder of modules and none itself. */
function moduleOf(file: string): { readonly name: string; readonly folder: string } {
  const folder = file.startsWith('src/') ? 'src' : '';
  const path = folder === '' ? file : file.slice('src/'.length);
  return {
    folder,
    name: path
      .replace(/\.py$/, '')
      .replace(/\/__init__$/, '')
      .replaceAll('/', '.'),
  };
}

const managers: readonly (readonly [string, string])[] = [
  ['uv.lock', 'uv run '],
  ['poetry.lock', 'poetry run '],
  ['pdm.lock', 'pdm run '],
  ['Pipfile.lock', 'pipenv run '],
];

/** Who runs a program in the project's environment, where that is in no folder of the project. */
function launcherOf(folder: Folder): string {
  if (folder.has('.venv') || folder.has('venv')) return '';
  return managers.find(([file]) => folder.has(file))?.[1] ?? '';
}

function asksFor(folder: Folder, name: string): boolean {
  return ['requirements.txt', 'pyproject.toml', 'Pipfile'].some(
    (file) => folder.text(file)?.includes(name) === true,
  );
}
