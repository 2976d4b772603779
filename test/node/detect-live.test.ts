/** What is recognised in a folder, run: real toolchains answer at their front-door addresses, with no config written by hand. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import test, { type TestContext } from 'node:test';
import { starterOf } from '../../src/config/detect/starter.ts';
import { folderNames } from '../../src/node/folder-names.ts';
import { kindOfPath } from '../../src/node/path-kind.ts';
import { readRegularFile } from '../../src/node/regular-file.ts';
import { Project, type ProjectFiles, writeFiles } from './project-support.ts';
import { folderFor } from './support.ts';

/** The system's toolchains, before any that a version manager has put on the PATH, and the Node that runs this test. */
const system = { PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(':') };

/** Bundler as it comes with Ruby, by the name that not every system gives it. */
const bundle = `#!/usr/bin/env ruby\nload Gem.activate_bin_path('bundler', 'bundle')\n`;

/** A project in a folder of its own, with the file that `runtimes init` would write there. */
async function initialised(t: TestContext, files: ProjectFiles): Promise<Project> {
  const folder = await folderFor(t);
  await writeFiles(folder, files);
  const { text } = starterOf({
    folder,
    readFile: readRegularFile,
    kindOf: kindOfPath,
    list: folderNames,
    windows: false,
  });
  const tools = await folderFor(t);
  await writeFiles(tools, { bundle });
  const environment = { PATH: `${tools}:${system.PATH}` };
  const project = await Project.of(t, { ...files, 'runtimes.yaml': text }, environment);
  await project.start();
  return project;
}

const commandOf = (project: Project, name: string): string =>
  project.runtime.config.services.find((each) => each.name === name)?.command.join(' ') ?? '';

/** Stands for a framework that may not be fetched here: an application as uvicorn takes any. */
const asgi = `
class FastAPI:
    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"uvicorn says hello"})

app = FastAPI()
`;

/** Takes its port as Vite does: from its flag alone, and no other than that. */
const vite = `#!/usr/bin/env node
const { createServer } = require('node:http');
const port = process.argv[process.argv.indexOf('--port') + 1];
if (!process.argv.includes('--strictPort') || !/^\\d+$/.test(port)) throw new Error(process.argv.join(' '));
delete process.env.PORT;
createServer((_, response) => response.end('vite says hello')).listen(Number(port), '127.0.0.1');
`;

test('Python, PHP, Ruby, Go and Node.js projects below one folder are recognised, and each answers', async (t) => {
  const project = await initialised(t, {
    'shop/requirements.txt': 'flask\n',
    'shop/app.py':
      'from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get("/")\ndef hello():\n    return "flask says hello"\n',
    'api/requirements.txt': 'fastapi\nuvicorn\n',
    'api/main.py': asgi,
    'old/requirements.txt': 'gunicorn\n',
    'old/wsgi.py':
      'def application(environ, start):\n    start("200 OK", [])\n    return [b"gunicorn says hello"]\n',
    'site/composer.json': '{}',
    'site/public/index.php': '<?php echo "php says hello from ", basename(__DIR__);',
    'rack/config.ru': 'run ->(_env) { [200, { "content-type" => "text/plain" }, ["puma says hello"]] }\n',
    'rack/Gemfile': "gem 'puma'\n",
    'tool/go.mod': 'module example.com/tool\n\ngo 1.19\n',
    'tool/main.go': `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "go says hello") })
	http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)
}
`,
    'web/package.json': JSON.stringify({ scripts: { dev: 'NODE_ENV=development vite' } }),
    'web/node_modules/.bin/vite': vite,
  });
  const answers: Record<string, string> = {};
  for (const { name } of project.runtime.config.services) answers[name] = await project.answer(name);
  assert.deepEqual(answers, {
    api: 'uvicorn says hello',
    old: 'gunicorn says hello',
    rack: 'puma says hello',
    shop: 'flask says hello',
    site: 'php says hello from public',
    tool: 'go says hello',
    web: 'vite says hello',
  });
  // Nothing but the flag tells the port; npm hands it on.
  assert.equal(commandOf(project, 'web'), 'npm run dev -- --port {port} --strictPort');
});

test('servers that choose their own port are recognised as such, and found', async (t) => {
  const project = await initialised(t, {
    'one/package.json': JSON.stringify({ scripts: { start: 'node main.js' } }),
    'one/main.js': "require('node:http').createServer((_, r) => r.end('node chose')).listen(0, '127.0.0.1');",
    'two/requirements.txt': '',
    'two/app.py': `
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"python chose")


HTTPServer(("127.0.0.1", 0), Handler).serve_forever()
`,
    'three/Gemfile': "gem 'webrick'\n",
    'three/server.rb': `
require 'webrick'
server = WEBrick::HTTPServer.new(Port: 0, BindAddress: '127.0.0.1', AccessLog: [])
server.mount_proc('/') { |_, response| response.body = 'ruby chose' }
trap('TERM') { server.shutdown }
server.start
`,
  });
  assert.deepEqual(
    [await project.answer('one'), await project.answer('two'), await project.answer('three')],
    ['node chose', 'python chose', 'ruby chose'],
  );
  assert.ok(project.runtime.config.services.every(({ handshake }) => handshake === 'discover'));
});

test('a service of which only the folder is told runs what is recognised there, and another once that is', async (t) => {
  const project = await Project.of(
    t,
    {
      'runtimes.yaml': 'services:\n  site:\n    cwd: ./site\n',
      'site/index.php': '<?php echo "php says hello";',
    },
    system,
  );
  await project.start();
  assert.equal(await project.answer('site'), 'php says hello');
  const consulted = project.runtime.config.consulted ?? [];
  const better = project.at('site/public/index.php');
  assert.ok(consulted.includes(better) && !existsSync(better));
  await project.write({ 'site/public/index.php': '<?php echo "and now from elsewhere";' });
  await project.runtime.reload();
  assert.equal(await project.answer('site'), 'and now from elsewhere');
  assert.equal(commandOf(project, 'site'), 'php -S 127.0.0.1:{port} -t public');
});
