/** Ruby: Rails, Rack, or the file that a small application is in. */

import type { Folder } from './folder.ts';
import { onlyWorks } from './jobs.ts';
import { handshakeBy, type Proposal, proposing } from './proposal.ts';

const proposal = proposing('ruby');

export function rubyServices(folder: Folder): readonly Proposal[] {
  const gemfile = folder.text('Gemfile');
  // One that names no gem brings nothing, and Bundler itself may not be there.
  const bundled = /^\s*(?:gem\b|gemspec\b|eval_gemfile\b)/m.test(gemfile ?? '') ? 'bundle exec ' : '';
  const asksFor = (gem: string): boolean =>
    new RegExp(`^\\s*gem\\s*\\(?\\s*["']${gem}["']`, 'm').test(gemfile ?? '');
  /** Of a file that another one of the folder requires. */
  const fileOf = (name: string): string | undefined =>
    name.startsWith('./') ? folder.text(name.endsWith('.rb') ? name : `${name}.rb`) : undefined;
  if (folder.has('bin/rails'))
    return proposal('rails', 'bin/rails server -b 127.0.0.1 -p {port}', 'there is a bin/rails (Rails)');
  if (asksFor('rails') && folder.has('config/application.rb'))
    return proposal('rails', 'bundle exec rails server -b 127.0.0.1 -p {port}', 'Gemfile asks for Rails');
  if (asksFor('jekyll') && folder.has('_config.yml'))
    return proposal(
      'jekyll',
      'bundle exec jekyll serve --host 127.0.0.1 --port {port}',
      'Gemfile asks for Jekyll',
    );
  if (folder.has('config.ru'))
    return asksFor('puma')
      ? proposal(
          'rack',
          `${bundled}puma -b tcp://127.0.0.1:{port}`,
          'there is a config.ru, and Gemfile asks for puma',
        )
      : proposal('rack', `${bundled}rackup -o 127.0.0.1 -p {port}`, 'there is a config.ru');
  for (const file of ['app.rb', 'server.rb', 'main.rb']) {
    const text = folder.text(file);
    if (text === undefined) continue;
    // Sinatra takes PORT by itself.
    const isSinatra = /^\s*require\s*\(?\s*["']sinatra["']/m.test(text);
    return proposal(
      isSinatra ? 'sinatra' : 'app',
      `${bundled}ruby ${file}`,
      isSinatra
        ? `${file} is a Sinatra application`
        : `there is ${/^[aeiou]/.test(file) ? 'an' : 'a'} ${file}`,
      { ...(isSinatra ? {} : handshakeBy(text, onlyWorks('ruby', text, fileOf))), sure: isSinatra },
    );
  }
  return [];
}
