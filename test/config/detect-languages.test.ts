import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Files, found, packageJson } from './detecting.ts';

type Cases = Readonly<Record<string, readonly [Files, readonly string[]]>>;

const python: Cases = {
  Django: [
    {
      'manage.py': '',
      'requirements.txt': 'django',
      'mysite/wsgi.py': 'application = get_wsgi_application()',
    },
    ['django: python3 manage.py runserver 127.0.0.1:{port} --noreload (there is a manage.py (Django))'],
  ],
  'FastAPI in main.py': [
    { 'requirements.txt': 'fastapi\nuvicorn', 'main.py': 'from fastapi import FastAPI\n\napp = FastAPI()\n' },
    ['fastapi: python3 -m uvicorn main:app --port {port} (main.py makes a FastAPI application)'],
  ],
  'FastAPI in a package': [
    { 'pyproject.toml': '', 'app/main.py': 'api: FastAPI = fastapi.FastAPI(title="x")' },
    ['fastapi: python3 -m uvicorn app.main:api --port {port} (app/main.py makes a FastAPI application)'],
  ],
  'FastAPI in a folder that is a project of its own, and so none of the one above': [
    { 'api/main.py': 'app = FastAPI()', 'api/pyproject.toml': '' },
    [],
  ],
  'FastAPI below src, which is no package': [
    { 'src/main.py': 'app = FastAPI()' },
    [
      'fastapi: python3 -m uvicorn main:app --app-dir src --port {port} (src/main.py makes a FastAPI application)',
    ],
  ],
  Flask: [
    { 'app.py': 'from flask import Flask\napp = Flask(__name__)\n' },
    ['flask: python3 -m flask --app app run --port {port} (app.py makes a Flask application)'],
  ],
  'Flask under another name': [
    { 'wsgi.py': 'site = flask.Flask(__name__)\n' },
    ['flask: python3 -m flask --app wsgi:site run --port {port} (wsgi.py makes a Flask application)'],
  ],
  'Flask made by a function of a package': [
    { 'app/__init__.py': 'def create_app():\n    return Flask(__name__)\n' },
    ['flask: python3 -m flask --app app run --port {port} (app/__init__.py makes a Flask application)'],
  ],
  Starlette: [
    { 'asgi.py': 'app = Starlette(routes=[])' },
    ['starlette: python3 -m uvicorn asgi:app --port {port} (asgi.py makes a Starlette application)'],
  ],
  Streamlit: [
    { 'Home.py': 'import streamlit as st\nst.title("x")' },
    [
      'streamlit: python3 -m streamlit run Home.py --server.port {port} --server.headless true (Home.py is a Streamlit application)',
    ],
  ],
  'Gunicorn, where it is asked for': [
    { 'requirements.txt': 'gunicorn==22', 'wsgi.py': 'def application(environ, start):\n  pass\n' },
    [
      'app: python3 -m gunicorn --bind 127.0.0.1:{port} wsgi:application (wsgi.py makes an application, and gunicorn is asked for)',
    ],
  ],
  'the environment of uv': [
    { 'uv.lock': '', 'main.py': 'app = FastAPI()' },
    ['fastapi: uv run uvicorn main:app --port {port} (main.py makes a FastAPI application)'],
  ],
  'the environment of poetry, unless it is in the folder': [
    { 'poetry.lock': '', '.venv/pyvenv.cfg': '', 'manage.py': '' },
    ['django: python3 manage.py runserver 127.0.0.1:{port} --noreload (there is a manage.py (Django))'],
  ],
  'the environment of pipenv': [
    { 'Pipfile.lock': '', 'manage.py': '' },
    [
      'django: pipenv run python manage.py runserver 127.0.0.1:{port} --noreload (there is a manage.py (Django))',
    ],
  ],
  'a file of which nothing is known': [
    { 'app.py': 'HTTPServer(("127.0.0.1", 8000), Handler).serve_forever()' },
    ['app: python3 app.py, discover (there is an app.py)'],
  ],
  'a job, which needs nothing that could listen': [
    {
      'main.py':
        'import json, os.path as p\nfrom datetime import date\nimport requests\nprint(json.dumps(1))',
    },
    ['app: python3 main.py, none (there is a main.py)'],
  ],
  'a job with files of its own': [
    {
      'main.py':
        'from helpers import words\nfrom tools.text import (\n  trim,\n  join as j,\n)\nimport tools\n',
      'helpers.py': 'import re\nfrom .more import x',
      'more.py': 'import math',
      'tools/__init__.py': '',
      'tools/text.py': 'import string',
    },
    ['app: python3 main.py, none (there is a main.py)'],
  ],
  'a file whose own module listens': [
    { 'main.py': 'from helpers import start\nstart()', 'helpers.py': 'import socket' },
    ['app: python3 main.py, discover (there is a main.py)'],
  ],
  'a file whose own package has a module that listens': [
    { 'main.py': 'from web import start\n', 'web/__init__.py': '', 'web/start.py': 'import http.server' },
    ['app: python3 main.py, discover (there is a main.py)'],
  ],
  'a file that starts who knows what': [
    { 'main.py': 'import os\nos.system("caddy run")' },
    ['app: python3 main.py, discover (there is a main.py)'],
  ],
  'a file with a package of somebody else': [
    { 'run.py': 'from nicegui import ui\nui.run()' },
    ['app: python3 run.py, discover (there is a run.py)'],
  ],
  'a file that reads PORT': [
    { 'main.py': 'serve(int(os.environ["PORT"]))' },
    ['app: python3 main.py (there is a main.py)'],
  ],
};

const go: Cases = {
  'a main package in the root': [
    { 'go.mod': 'module x', 'main.go': 'package main\nfunc main() { os.Getenv("PORT") }' },
    ['go: go run . (go.mod is beside a main package)'],
  ],
  'main packages below cmd': [
    {
      'go.mod': 'module x',
      'lib.go': 'package x',
      'cmd/api/main.go': 'package main\nvar port = os.Getenv("PORT")',
      'cmd/worker/main.go': 'package main',
      'cmd/shared/shared.go': 'package shared',
    },
    [
      'api: go run ./cmd/api (cmd/api is a main package)',
      'worker: go run ./cmd/worker, none (cmd/worker is a main package)',
    ],
  ],
  'one that listens, and one that uses another package of its module': [
    {
      'go.mod': 'module x',
      'cmd/a/main.go': 'package main\nimport "fmt"\nimport (\n  "os"\n  http "net/http"\n)',
      'cmd/b/main.go': 'package main\nimport "x/web"',
      'cmd/c/main.go': 'package main\nimport (\n  "fmt"\n  "encoding/json"\n)\nvar x = "net/http"',
    },
    [
      'a: go run ./cmd/a, discover (cmd/a is a main package)',
      'b: go run ./cmd/b, discover (cmd/b is a main package)',
      'c: go run ./cmd/c, none (cmd/c is a main package)',
    ],
  ],
  'a library': [{ 'go.mod': 'module x', 'x.go': 'package x', 'x_test.go': 'package main' }, []],
  'no module': [{ 'main.go': 'package main' }, []],
};

const plugin = (name: string): string =>
  `<project><build><plugins><plugin><artifactId>${name}</artifactId></plugin></plugins></build></project>`;
const plain = `<project>
  <parent><artifactId>all</artifactId><version>9</version></parent>
  <artifactId>shop</artifactId>
  <version>1.2</version>
  <dependencies><dependency><artifactId>other</artifactId><version>7</version></dependency></dependencies>
  <build><plugins><plugin><configuration><archive><manifest>
    <mainClass>com.example.Shop</mainClass>
  </manifest></archive></configuration></plugin></plugins></build>
</project>`;

const java: Cases = {
  'Spring Boot, with the wrapper': [
    { 'pom.xml': plugin('spring-boot-maven-plugin'), mvnw: '' },
    [
      'spring: ./mvnw spring-boot:run -Dspring-boot.run.arguments=--server.port={port} (pom.xml asks for Spring Boot)',
    ],
  ],
  'Spring Boot with Gradle': [
    { 'build.gradle.kts': 'plugins { id("org.springframework.boot") version "3.3.0" }', gradlew: '' },
    ['spring: ./gradlew bootRun --args=--server.port={port} (build.gradle.kts asks for Spring Boot)'],
  ],
  Quarkus: [
    { 'pom.xml': plugin('quarkus-maven-plugin') },
    ['quarkus: mvn quarkus:dev -Dquarkus.http.port={port} (pom.xml asks for Quarkus)'],
  ],
  'Quarkus with Gradle': [
    { 'build.gradle': "plugins { id 'io.quarkus' }" },
    ['quarkus: gradle quarkusDev -Dquarkus.http.port={port} (build.gradle asks for Quarkus)'],
  ],
  Jetty: [
    { 'pom.xml': plugin('jetty-maven-plugin') },
    ['jetty: mvn jetty:run -Djetty.http.port={port} (pom.xml asks for Jetty)'],
  ],
  'a jar that says where it begins': [
    { 'pom.xml': plain, 'src/main/java/com/example/Shop.java': 'System.getenv("PORT")' },
    ['app: java -jar target/shop-1.2.jar (pom.xml makes a jar that begins with com.example.Shop)'],
  ],
  'an application of Gradle': [
    { 'build.gradle': "plugins {\n  id 'application'\n}" },
    ['app: gradle run, discover (build.gradle makes an application)'],
  ],
  'sources without a build file': [
    { 'Ledger.java': 'class Ledger { public static void main(String[] a) { System.getenv("PORT"); } }' },
    ['java: java Ledger.java (Ledger.java has a main method)'],
  ],
  'sources in packages, one of which is called like a beginning': [
    {
      'src/shop/Try.java': 'static void main(String... args) {}',
      'src/shop/web/Main.java': 'static final void main (String[] args) {}',
      'src/test/App.java': 'static void main(String[] args) {}',
    },
    ['java: java src/shop/web/Main.java, none (src/shop/web/Main.java has a main method)'],
  ],
  'sources one of which listens': [
    {
      'src/Main.java': 'import java.util.List;\nclass Main { static void main(String[] a) { Web.start(); } }',
      'src/Web.java': 'import java.net.ServerSocket;',
    },
    ['java: java src/Main.java, discover (src/Main.java has a main method)'],
  ],
  'a jar alone, in which nobody can read': [
    { 'my app.jar': '', 'readme.md': '' },
    ["app: java -jar 'my app.jar', discover (my app.jar is the only jar)"],
  ],
  'no jar among several': [{ 'a.jar': '', 'b.jar': '' }, []],
  'no jar beside sources': [{ 'a.jar': '', 'Words.java': 'class Words {}' }, []],
  'sources in which nothing begins': [{ 'src/Words.java': 'class Words {}' }, []],
  'a library': [{ 'pom.xml': '<project><artifactId>a</artifactId><version>1</version></project>' }, []],
  'what only holds modules': [
    { 'pom.xml': `<project><packaging>pom</packaging>${plugin('spring-boot-maven-plugin')}</project>` },
    [],
  ],
};

const php: Cases = {
  'Laravel, with what it shows in a browser': [
    {
      artisan: '',
      'composer.json': '{"require": {"laravel/framework": "^11"}}',
      'public/index.php': '',
      'package.json': packageJson({ dev: 'vite' }),
    },
    [
      'laravel: php artisan serve --host=127.0.0.1 --port={port} (there is an artisan file (Laravel))',
      'web: npm run dev (package.json has a script "dev" (Vite))',
    ],
  ],
  Symfony: [
    { 'composer.json': '{"require": {"symfony/framework-bundle": "7.*"}}', 'public/index.php': '' },
    ['php: php -S 127.0.0.1:{port} -t public (there is a public/index.php (Symfony))'],
  ],
  'a public folder': [
    { 'web/index.php': '' },
    ['php: php -S 127.0.0.1:{port} -t web (there is a web/index.php)'],
  ],
  'an index.php': [{ 'index.php': '' }, ['php: php -S 127.0.0.1:{port} (there is an index.php)']],
  'a library': [{ 'composer.json': '{}', 'src/X.php': '' }, []],
};

const ruby: Cases = {
  Rails: [
    { Gemfile: 'gem "rails"', 'bin/rails': '', 'config.ru': '' },
    ['rails: bin/rails server -b 127.0.0.1 -p {port} (there is a bin/rails (Rails))'],
  ],
  'Rails without its scripts': [
    { Gemfile: "gem 'rails', '~> 7'", 'config/application.rb': '', 'config.ru': '' },
    ['rails: bundle exec rails server -b 127.0.0.1 -p {port} (Gemfile asks for Rails)'],
  ],
  'Rack with puma': [
    { Gemfile: "gem 'sinatra'\ngem 'puma'", 'config.ru': '' },
    ['rack: bundle exec puma -b tcp://127.0.0.1:{port} (there is a config.ru, and Gemfile asks for puma)'],
  ],
  Rack: [
    { Gemfile: "gem 'sinatra'\n# gem 'puma'", 'config.ru': '' },
    ['rack: bundle exec rackup -o 127.0.0.1 -p {port} (there is a config.ru)'],
  ],
  'Rack without Bundler': [
    { 'config.ru': '' },
    ['rack: rackup -o 127.0.0.1 -p {port} (there is a config.ru)'],
  ],
  'Sinatra, which takes PORT': [
    { Gemfile: "gem 'sinatra'", 'app.rb': "require 'sinatra'\nget('/') { 'x' }" },
    ['sinatra: bundle exec ruby app.rb (app.rb is a Sinatra application)'],
  ],
  Jekyll: [
    { Gemfile: 'gem "jekyll"', '_config.yml': '' },
    ['jekyll: bundle exec jekyll serve --host 127.0.0.1 --port {port} (Gemfile asks for Jekyll)'],
  ],
  'a Gemfile that names no gem, for which Bundler is not needed': [
    { Gemfile: "source 'https://rubygems.org'\n# gem 'puma'\n", 'app.rb': "require 'socket'" },
    ['app: ruby app.rb, discover (there is an app.rb)'],
  ],
  'a Gemfile that names one in a group': [
    { Gemfile: "group :test do\n  gem('rspec')\nend", 'app.rb': "require 'socket'" },
    ['app: bundle exec ruby app.rb, discover (there is an app.rb)'],
  ],
  'a job with a file of its own': [
    { 'app.rb': "require 'json'\nrequire_relative 'words'\nputs 1", 'words.rb': 'WORDS = []' },
    ['app: ruby app.rb, none (there is an app.rb)'],
  ],
  'a file of which nothing is known': [
    { 'server.rb': 'WEBrick::HTTPServer.new(Port: 8000).start' },
    ['app: ruby server.rb, discover (there is a server.rb)'],
  ],
};

const others: Cases = {
  'Rust, which cargo runs': [
    { 'Cargo.toml': '', 'src/main.rs': 'env::var("PORT")' },
    ['rust: cargo run (Cargo.toml is beside a src/main.rs)'],
  ],
  'nothing in an empty folder': [{}, []],
  'what is sure before what is guessed': [
    { 'app.py': 'print(1)', 'package.json': packageJson({ dev: 'next dev' }), 'index.php': '' },
    [
      'php: php -S 127.0.0.1:{port} (there is an index.php)',
      'web: npm run dev (package.json has a script "dev" (Next.js))',
      'app: python3 app.py, none (there is an app.py)',
    ],
  ],
};

for (const [language, cases] of Object.entries({
  Python: python,
  Go: go,
  Java: java,
  PHP: php,
  Ruby: ruby,
  Other: others,
}))
  for (const [title, [files, services]] of Object.entries(cases))
    test(`${language} is recognised: ${title}`, () => assert.deepEqual(found(files), services));

test('on Windows, Python has its other name and wrappers are scripts of its shell', () => {
  const windows = true;
  assert.deepEqual(
    [
      ...found({ 'manage.py': '' }, { windows }),
      ...found({ 'pom.xml': plugin('quarkus-maven-plugin'), mvnw: '', 'mvnw.cmd': '' }, { windows }),
    ],
    [
      'django: python manage.py runserver 127.0.0.1:{port} --noreload (there is a manage.py (Django))',
      'quarkus: .\\\\mvnw quarkus:dev -Dquarkus.http.port={port} (pom.xml asks for Quarkus)',
    ],
  );
});

test('a recipe of another extension is recognised by the files it names', () => {
  const deno = {
    name: 'deno',
    title: 'Deno',
    detects: ['deno.json', 'deno.jsonc'],
    command: 'deno task dev',
    handshake: 'discover',
  };
  const silent = { name: 'zig', title: 'Zig', detects: ['build.zig'] };
  assert.deepEqual(found({ 'deno.jsonc': '', 'build.zig': '' }, { recipes: [deno, silent] }), [
    'deno: deno task dev, discover (there is a deno.jsonc (Deno))',
  ]);
});
