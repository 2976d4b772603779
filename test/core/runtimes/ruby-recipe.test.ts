import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Told } from '../../../src/core/runtimes/recipe.ts';
import { readCommand } from '../../../src/core/runtimes/ruby/command.ts';
import { readAddress } from '../../../src/core/runtimes/ruby/debugger.ts';
import { ruby } from '../../../src/core/runtimes/ruby.ts';
import { aimsOf } from '../../support/aims.ts';
import { lookAt, type PretendedMachine } from '../../support/look.ts';
import { specOf } from '../../support/spec.ts';
import { application } from '../../support/application.ts';
import { Machine } from './support.ts';

const system = '/usr/bin/ruby';
const debugGem = 'puts Gem::Specification.find_by_name("debug").full_gem_path';

function machine(files: Readonly<Record<string, string>>, more: PretendedMachine = {}): Machine {
  return new Machine(ruby, {
    ...more,
    files: { [system]: '', '/usr/bin/bundle': '', '/w/app.rb': '', ...files },
    says: {
      [`${system} -e puts RUBY_VERSION`]: '3.1.2\n',
      [`${system} -e puts Gem.path`]: '/var/lib/gems/3.1.0\n',
      ...more.says,
    },
  });
}

const run = { command: 'ruby app.rb' };

describe('a Ruby command', () => {
  it('is read for its script or its tool, with and without Bundler', () => {
    const rows = [
      ['ruby app.rb', { bundled: false, rubyAt: 0, script: 'app.rb' }],
      ['ruby -w -I lib -rjson app.rb 1', { bundled: false, rubyAt: 0, script: 'app.rb' }],
      ['ruby -e 1', { bundled: false, rubyAt: 0 }],
      ['bundle exec ruby app.rb', { bundled: true, rubyAt: 2, script: 'app.rb', tool: 'bundle' }],
      ['bundle exec puma -p 1', { bundled: true, tool: 'bundle' }],
      ['bundle install', { bundled: false, tool: 'bundle' }],
      ['ruby --enable frozen-string-literal app.rb', { bundled: false, rubyAt: 0, script: 'app.rb' }],
      ['ruby --enable=yjit --disable-gems app.rb', { bundled: false, rubyAt: 0, script: 'app.rb' }],
      ['ruby -S rackup', { bundled: false, rubyAt: 0 }],
      ['bin/rails server', { bundled: false, script: 'bin/rails' }],
      ['puma', { bundled: false, tool: 'puma' }],
    ] as const;
    for (const [text, expected] of rows) assert.deepEqual(readCommand(text.split(' ')), expected, text);
  });
});

describe('the Ruby of a service', () => {
  it('is the one of the PATH, and the command stays as it is written', async () => {
    const { command, path, warnings } = await machine({}).plan(run);
    assert.deepEqual([command, path, warnings], [['ruby', 'app.rb'], undefined, undefined]);
  });

  it('is of the version that a file asks for, as each version manager keeps it', async () => {
    const rows = [
      ['.ruby-version', '3.3', '/home/ann/.rbenv/versions/3.3.1', undefined],
      ['.tool-versions', 'ruby 3.3.1', '/home/ann/.asdf/installs/ruby/3.3.1', undefined],
      ['.ruby-version', 'ruby-3.3.1', '/home/ann/.local/share/mise/installs/ruby/3.3.1', undefined],
      ['.ruby-version', '3.3.1', '/home/ann/.rubies/ruby-3.3.1', undefined],
      ['.ruby-version', '3.3.1@shop', '/home/ann/.rvm/rubies/ruby-3.3.1', '/home/ann/.rvm/gems/ruby-3.3.1'],
    ] as const;
    for (const [file, text, home, gems] of rows) {
      const there = machine({ [`/w/${file}`]: text, [`${home}/bin/ruby`]: '' });
      assert.equal((await there.plan(run)).path?.at(-1), `${home}/bin`, home);
      assert.equal((await there.environment(run))['GEM_HOME'], gems, home);
    }
  });

  it('is a fault where the version that was chosen is nowhere; a Gemfile’s is one only for Bundler', async () => {
    const fault = await machine({ '/w/.ruby-version': '3.3.1\n' }).fault(run);
    assert.equal(fault.message, '.ruby-version asks for Ruby 3.3.1, and /usr/bin/ruby is 3.1.2.');
    const gemfile = { '/w/Gemfile': `source 'https://rubygems.org'\nruby '~> 3.2'\n` };
    assert.deepEqual((await machine(gemfile).plan(run)).warnings, [
      'Gemfile asks for Ruby ~> 3.2, and /usr/bin/ruby is 3.1.2.',
    ]);
    const bundled = await machine(gemfile).fault({ command: 'bundle exec ruby app.rb' });
    assert.deepEqual(
      [bundled.code, bundled.places],
      ['wrong-version', [{ file: '/w/Gemfile', line: 2, column: 1 }]],
    );
    await machine({ '/w/Gemfile': `ruby '>= 3.0', '< 4'\n` }).plan({ command: 'ruby app.rb' });
    for (const text of [
      'if false\n  ruby "2.0"\nend\n',
      '=begin\nruby "2.0"\n=end\n',
      '__END__\nruby "2.0"\n',
    ]) {
      await machine({ '/w/Gemfile': text }).plan({ command: 'bundle exec ruby app.rb' });
    }
    await machine({ '/w/.tool-versions': 'ruby 2.7.0 3.1.2\n' }).plan(run);
    await machine({ '/w/.ruby-version': 'jruby-9.4.0.0' }).plan(run);
  });

  it('is the one that "interpreter" names, in the place of the command’s word', async () => {
    const there = machine({ '/opt/r/bin/ruby3.3': '' });
    const spec = { interpreter: '/opt/r/bin/ruby3.3' };
    assert.equal(await there.runs({ ...run, spec }), '/opt/r/bin/ruby3.3 app.rb');
    const missing = new Machine(ruby, { files: { '/w/app.rb': '' } });
    assert.match((await missing.fault(run)).message, /^ruby is not there\.$/);
  });
});

describe('what a Ruby service needs', () => {
  const check = (told: Partial<Told>): PretendedMachine => ({
    says: { '/usr/bin/bundle check --dry-run': { exit: { code: 1 }, stdout: '', stderr: '', ...told } },
  });
  const bundled = { command: 'bundle exec ruby app.rb' };
  const gemfile = { '/w/Gemfile': `gem 'sinatra'\n` };

  it('is its script and its tool', async () => {
    assert.equal((await machine({}).fault({ command: 'ruby none.rb' })).code, 'missing-entry');
    assert.equal((await machine({}).fault({ command: 'bin/rails server' })).code, 'missing-entry');
    const puma = await machine(gemfile).fault({ command: 'puma' });
    assert.match(puma.hint ?? '', /bundle exec puma/);
  });

  it('is the gems that Bundler says are missing', async () => {
    const stderr =
      'The following gems are missing\n * sinatra (3.0)\nInstall missing gems with `bundle install`\n';
    const fault = await machine(gemfile, check({ stderr })).fault(bundled);
    assert.equal(fault.code, 'missing-dependencies');
    assert.match(fault.message, /there is no sinatra\.$/);
    assert.equal(fault.hint, 'Run: bundle install');
  });

  it('is not judged where a build or a shell may bring it, or what it runs is none of Ruby', async () => {
    const build = { command: ['bundle', 'install'], inputs: [], outputs: [] };
    const stderr = 'The following gems are missing\n * sinatra (3.0)\n';
    const lacking = machine({ ...gemfile, '/w/.ruby-version': '3.1.2' }, check({ stderr }));
    await lacking.plan({ ...bundled, spec: { build } });
    await lacking.plan({ command: 'puma', spec: { build } });
    await lacking.plan({ command: 'command puma', spec: { shell: true } });
    await lacking.plan({ command: 'ruby app-{port}.rb' });
    const files = {
      '/usr/bin/make': '',
      '/w/bin/dev': '#!/bin/sh\nexec make\n',
      '/w/bin/rails': '#!/usr/bin/env ruby\n',
      '/w/.ruby-version': '9.9',
    };
    for (const there of [machine(files), new Machine(ruby, { files })]) {
      for (const command of ['make dev', 'bin/dev']) await there.plan({ command });
      await there.fault({ command: 'bin/rails server' });
    }
  });

  it('is asked for again once gems are put where Bundler is told to put them, and nothing is written', async () => {
    const files = {
      ...gemfile,
      '/w/.bundle/config': '---\nBUNDLE_PATH: "gems"\n',
      '/w/gems/ruby/3.1.0/': '',
    };
    const look = lookAt({
      files: { ...files, [system]: '', '/usr/bin/bundle': '', '/w/app.rb': '' },
      says: { [`${system} -e puts Gem.path`]: '/var/lib/gems/3.1.0\n' },
    });
    const command = ['bundle', 'exec', 'ruby', 'app.rb'];
    await ruby.plan(specOf({ runtime: 'ruby', command }), look, aimsOf());
    const asked = look.asked.find(({ argv }) => argv.includes('check'));
    assert.deepEqual(asked?.argv, ['/usr/bin/bundle', 'check', '--dry-run']);
    assert.ok(asked.options.dependsOn?.includes('/w/gems/ruby/3.1.0/specifications'));
  });

  it('is not asked for without a Gemfile, and not judged where Bundler fails for another reason', async () => {
    await machine({}, check({ stderr: 'missing' })).plan(bundled);
    await machine(gemfile, check({ stderr: 'There was an error parsing `Gemfile`' })).plan(bundled);
    await machine(gemfile, { says: { '/usr/bin/bundle check --dry-run': 'satisfied' } }).plan(bundled);
    await machine(gemfile, check({ exit: { code: 10 }, stderr: 'Could not find Gemfile' })).plan(bundled);
    await machine(gemfile, check({ stderr: 'are missing' })).plan(run);
  });
});

describe('a Ruby service under its debugger', () => {
  const aims = { debugPort: 4321 };
  const gem = '/var/lib/gems/3.1.0/gems/debug-1.4.0';
  const says = { [`${system} -e ${debugGem}`]: `${gem}\n` };
  const there = machine({}, { says, env: { RUBYOPT: '-W0' } });

  it('requires the debugger first, by an option of Ruby’s own or through RUBYOPT', async () => {
    assert.equal(await there.runs({ ...run, aims }), `ruby -r${gem}/lib/debug/open_nonstop app.rb`);
    const env = await there.environment({ ...run, aims });
    assert.deepEqual([env['RUBY_DEBUG_HOST'], env['RUBY_DEBUG_PORT']], ['127.0.0.1', '4321']);
    const shell = { command: 'ruby app.rb | cat', spec: { shell: true }, aims };
    assert.equal(await there.runs(shell), 'ruby app.rb | cat');
    assert.equal((await there.environment(shell))['RUBYOPT'], `-W0 -r${gem}/lib/debug/open_nonstop`);
    const bundled = { command: 'bundle exec ruby app.rb', aims };
    assert.equal(await there.runs(bundled), `bundle exec ruby -r${gem}/lib/debug/open_nonstop app.rb`);
  });

  it('says where it listens', () => {
    assert.deepEqual(readAddress('DEBUGGER: Debugger can attach via TCP/IP (127.0.0.1:4321)'), {
      host: '127.0.0.1',
      port: 4321,
    });
    assert.equal(readAddress('DEBUGGER: Debugger can attach via UNIX domain socket (/run/x)'), undefined);
  });

  it('is a fault without the gem, and only for who debugs', async () => {
    const fault = await machine({}).fault({ ...run, aims });
    assert.match(fault.hint ?? '', /gem install debug/);
    await machine({}).plan(run);
  });
});

describe('a Ruby application of App Engine', () => {
  const spec = { ...application({ runtime: 'ruby32' }), proposed: 'app.yaml has no entrypoint' };
  const gemfile = { '/w/Gemfile': '' };
  const says = { '/usr/bin/bundle check --dry-run': 'satisfied' };

  it('without an entrypoint is started by what its files offer', async () => {
    const rows = [
      [
        { '/w/bin/rails': '', '/w/config.ru': '', ...gemfile },
        'bundle exec bin/rails server -b 127.0.0.1 -p $PORT',
      ],
      [{ '/w/config.ru': '', ...gemfile }, 'bundle exec rackup -o 127.0.0.1 -p $PORT'],
      [{}, 'ruby app.rb'],
    ] as const;
    for (const [files, expected] of rows) {
      const plan = await machine(files, { says }).plan({ command: 'rackup', spec });
      assert.deepEqual([plan.command, plan.shell], [[expected], true]);
    }
    const bare = new Machine(ruby, { files: { [system]: '' } });
    assert.equal((await bare.fault({ command: 'rackup', spec })).code, 'missing-entry');
  });

  it('has the variables of App Engine, and not ours', async () => {
    const env = await machine({}).environment({ command: 'rackup', spec }, { PATH: '/usr/bin', SECRET: 'x' });
    assert.deepEqual([env['GAE_RUNTIME'], env['SECRET'], env['PORT']], ['ruby32', undefined, '4000']);
  });
});
