/** Ruby services under a whole runtime, with the system's Ruby: versions, what is missing, gems, and the debugger. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';
import { initialized, Project } from './project-support.ts';

const run = promisify(execFile);
const system = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' };

const server = `
require 'webrick'
require 'json'
server = WEBrick::HTTPServer.new(Port: ENV.fetch('PORT').to_i, BindAddress: '127.0.0.1', AccessLog: [], Logger: WEBrick::Log.new(File::NULL))
server.mount_proc('/') { |_, response| response.body = JSON.generate(version: RUBY_VERSION, env: ENV.to_h) }
trap('TERM') { server.shutdown }
server.start
`;
const witness = `  witness: { command: ruby server.rb }`;

/** Bundler as it comes with Ruby, by whichever name the system has given it. */
const bundle = `#!/usr/bin/env ruby\nload Gem.activate_bin_path('bundler', 'bundle')\n`;

interface Told {
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
}

const told = (text: string): Told => JSON.parse(text) as Told;

async function rubyVersion(): Promise<string> {
  return (await run('ruby', ['-e', 'print RUBY_VERSION'])).stdout;
}

test('a Ruby server answers', async (t) => {
  const project = await Project.of(
    t,
    { 'server.rb': server, 'runtimes.yaml': `services:\n  web: { command: ruby server.rb }\n` },
    system,
  );
  await project.start();
  assert.equal(told(await project.answer('web')).version, await rubyVersion());
});

test('the Ruby that .ruby-version asks for is the one that runs, as its version manager keeps it', async (t) => {
  const project = await Project.of(
    t,
    {
      '.ruby-version': '9.1.0\n',
      'home/.rbenv/versions/9.1.0/bin/ruby': '#!/bin/sh\nKEPT_BY=rbenv exec /usr/bin/ruby "$@"\n',
      'server.rb': server,
      'runtimes.yaml': `services:\n  web: { command: ruby server.rb }\n`,
    },
    system,
  );
  await project.start();
  const { env } = told(await project.answer('web'));
  assert.equal(env['KEPT_BY'], 'rbenv');
  assert.equal(env['PATH']?.split(':')[0], project.at('home/.rbenv/versions/9.1.0/bin'));
});

test('a version that is nowhere, a script that is not there and a Ruby that is not there are each told, and the rest runs on', async (t) => {
  const project = await Project.of(
    t,
    {
      'server.rb': server,
      'old/.tool-versions': 'ruby 9.9.9\n',
      'old/server.rb': server,
      'runtimes.yaml': `services:
  old: { command: ruby server.rb, cwd: old }
  entry: { command: ruby -w app/main.rb }
  named: { command: ruby server.rb, interpreter: ruby9.9 }
${witness}
`,
    },
    system,
  );
  await project.start();
  const old = await project.fault('old');
  assert.equal(old.code, 'wrong-version');
  assert.match(old.message, /^old\/\.tool-versions asks for Ruby 9\.9\.9, and \/usr\/bin\/ruby is \d/);
  assert.match(old.hint ?? '', /rbenv install 9\.9\.9/);
  const entry = await project.fault('entry');
  assert.equal(entry.code, 'missing-entry');
  assert.ok(entry.message.includes(project.at('app/main.rb')), entry.message);
  const named = await project.fault('named');
  assert.equal(named.code, 'missing-program');
  assert.match(named.message, /^ruby9\.9 is not there \(the Ruby that "interpreter" names\)\.$/);
  assert.match(named.hint ?? '', /\nIt was looked for in \/usr\/bin, \/bin/);
  assert.ok(await project.answer('witness'));
});

test('gems that are not installed are told with the command that installs them; with those that are, Bundler starts the service', async (t) => {
  const project = await Project.of(
    t,
    {
      'bin/bundle': bundle,
      'server.rb': server,
      'there/server.rb': server,
      'there/Gemfile': `source 'https://rubygems.org'\ngem 'webrick'\n`,
      'lacking/server.rb': server,
      'lacking/Gemfile': `source 'https://rubygems.org'\ngem 'webrick'\ngem 'no-such-gem-of-ours'\n`,
      'runtimes.yaml': `env: { PATH: '\${folder}/bin:/usr/bin:/bin' }
services:
  there: { command: bundle exec ruby server.rb, cwd: there }
  lacking: { command: bundle exec ruby server.rb, cwd: lacking }
`,
    },
    system,
  );
  await project.start();
  const fault = await project.fault('lacking');
  assert.equal(fault.code, 'missing-dependencies');
  assert.match(fault.message, /lacking\/Gemfile names gems that "bundle check" does not find/);
  assert.equal(fault.hint, 'Run: cd lacking && bundle install');
  assert.ok(await project.answer('there'));
  await project.write({ 'lacking/Gemfile': `source 'https://rubygems.org'\ngem 'webrick'\n` });
  assert.ok(await project.mended('lacking'));
});

test('without Bundler the fault says how to get it', async (t) => {
  const project = await Project.of(
    t,
    {
      'tools/ruby': '#!/bin/sh\nexec /usr/bin/ruby "$@"\n',
      Gemfile: `gem 'webrick'\n`,
      'server.rb': server,
      'runtimes.yaml': `env: { PATH: '\${folder}/tools' }\nservices:\n  web: { command: bundle exec ruby server.rb }\n${witness}\n`,
    },
    system,
  );
  await project.start();
  const fault = await project.fault('web');
  assert.equal(fault.code, 'missing-program');
  assert.match(fault.hint ?? '', /gem install bundler/);
  assert.ok(await project.answer('witness'));
});

test('a Ruby service that is debugged listens for its debugger’s clients, which it answers; with Bundler, too', async (t) => {
  const project = await Project.of(
    t,
    {
      'bin/bundle': bundle,
      'server.rb': server,
      Gemfile: `source 'https://rubygems.org'\ngem 'webrick'\n`,
      'runtimes.yaml': `env: { PATH: '\${folder}/bin:/usr/bin:/bin' }
services:
  plain: { command: ruby server.rb }
  shell: { command: 'cd . && ruby server.rb', shell: true, runtime: ruby }
  bundled: { command: bundle exec ruby server.rb }
`,
    },
    system,
  );
  await project.start(true);
  for (const service of ['plain', 'shell', 'bundled']) {
    assert.match(await initialized(await project.debugger(service)), /"success":\s*true/, service);
    assert.ok(await project.answer(service), service);
  }
});

test('without the debug gem the fault says how to get it, and only who debugs is told', async (t) => {
  const project = await Project.of(
    t,
    {
      'server.rb': server,
      // A Ruby whose gems lack this one.
      'lean.rb': `class Gem::Specification
  singleton_class.prepend(Module.new do
    def find_by_name(name, *rest)
      raise Gem::MissingSpecError.new(name, rest) if name == 'debug'
      super
    end
  end)
end
`,
      'runtimes.yaml': `services:\n  web: { command: ruby server.rb, env: { RUBYOPT: '-r\${folder}/lean.rb' } }\n`,
    },
    system,
  );
  await project.start();
  assert.ok(await project.answer('web'));
  await project.start(true);
  const fault = await project.fault('web');
  assert.equal(fault.code, 'missing-program');
  assert.match(fault.message, /^The gem "debug" is not there \(the debugger of Ruby\)\.$/);
  assert.match(fault.hint ?? '', /gem install debug/);
});
