/** Go: the main packages of a module, in its root or below `cmd`. */

import type { Folder } from './folder.ts';
import { onlyWorks } from './jobs.ts';
import { handshakeBy, type Proposal } from './proposal.ts';

export function goServices(folder: Folder): readonly Proposal[] {
  if (!folder.has('go.mod')) return [];
  // Here it will be, where it is not yet.
  folder.has('main.go');
  const root = mainTexts(folder, '.');
  const commands = folder.isFolder('cmd')
    ? folder.names('cmd').filter((name) => folder.isFolder(`cmd/${name}`))
    : [];
  return [
    ...(root === undefined ? [] : [service('go', '.', 'go.mod is beside a main package', root)]),
    ...commands.flatMap((name) => {
      const text = mainTexts(folder, `cmd/${name}`);
      return text === undefined
        ? []
        : [service(name, `./cmd/${name}`, `cmd/${name} is a main package`, text)];
    }),
  ];
}

function service(name: string, path: string, because: string, text: string): Proposal {
  const handshake = handshakeBy(text, onlyWorks('go', text));
  return { name, runtime: 'go', command: `go run ${path}`, ...handshake, because, sure: true };
}

/** What is in the files of a folder when they are a main package, tests aside. */
function mainTexts(folder: Folder, path: string): string | undefined {
  const texts = folder
    .names(path)
    .filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'))
    .slice(0, 50)
    .map((name) => folder.text(`${path}/${name}`) ?? '');
  return texts.some((text) => /^package main\b/m.test(text)) ? texts.join('\n') : undefined;
}
