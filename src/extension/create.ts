/** Writes a folder's first `runtimes.yaml` and opens it. What stands in it is decided in `config/detect/starter.ts`. */

import * as vscode from 'vscode';
import { gathered, type Reader } from '../config/detect/gather.ts';
import type { RecipeDefinition } from '../config/registered.ts';
import { ownConfigFileNames } from '../manifest/ids.ts';

/** Never overwrites: a file that is there already is opened. `recipes`: those of other extensions. */
export async function createConfig(
  folder: vscode.WorkspaceFolder,
  recipes: readonly RecipeDefinition[] = [],
): Promise<void> {
  const places = ownConfigFileNames.map((name) => vscode.Uri.joinPath(folder.uri, name));
  const there = await Promise.all(places.map(isThere));
  const present = places.find((_, index) => there[index]);
  await vscode.window.showTextDocument(present ?? (await write(folder, recipes)), { preview: false });
}

async function write(
  { uri: root }: vscode.WorkspaceFolder,
  recipes: readonly RecipeDefinition[],
): Promise<vscode.Uri> {
  const uri = vscode.Uri.joinPath(root, ownConfigFileNames[0]);
  // It knows of every language, which is much to load for what most windows never do.
  const { starterOf } = await import('../config/detect/starter.ts');
  const windows = /^\/[A-Za-z]:/.test(root.path);
  const { text } = await gathered(readerOf(root), (answers) =>
    starterOf({ ...answers, folder: root.path, recipes, windows }),
  );
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

/** Files of a folder that may be anywhere, by paths as its address has them. */
function readerOf(root: vscode.Uri): Reader {
  const { fs } = vscode.workspace;
  const at = (path: string): vscode.Uri => root.with({ path });
  return {
    list: (path) =>
      fs.readDirectory(at(path)).then(
        (entries) => entries.map(([name]) => name),
        () => undefined,
      ),
    text: (path) =>
      fs.readFile(at(path)).then(
        (bytes) => new TextDecoder().decode(bytes),
        () => undefined,
      ),
    kind: (path) =>
      fs.stat(at(path)).then(
        ({ type }) => ((type & vscode.FileType.Directory) === 0 ? 'other' : 'folder'),
        () => undefined,
      ),
  };
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
