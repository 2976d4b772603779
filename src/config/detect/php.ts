/** PHP: the server a framework comes with, else PHP's own in front of the folder that is public. */

import type { Folder } from './folder.ts';
import { type Proposal, proposing } from './proposal.ts';

const proposal = proposing('php');

/** Folders in which frameworks keep what may be seen. */
const publicFolders = ['public', 'web', 'webroot', 'htdocs', 'www'];

export function phpServices(folder: Folder): readonly Proposal[] {
  const composer = folder.text('composer.json') ?? '';
  if (folder.has('artisan'))
    return proposal(
      'laravel',
      'php artisan serve --host=127.0.0.1 --port={port}',
      'there is an artisan file (Laravel)',
    );
  const framework = /"symfony\/(?:framework-bundle|runtime)"/.test(composer) ? ' (Symfony)' : '';
  for (const name of publicFolders)
    if (folder.has(`${name}/index.php`))
      return proposal(
        'php',
        `php -S 127.0.0.1:{port} -t ${name}`,
        `there is a ${name}/index.php${framework}`,
      );
  return folder.has('index.php') ? proposal('php', 'php -S 127.0.0.1:{port}', 'there is an index.php') : [];
}
