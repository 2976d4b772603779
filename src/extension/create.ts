/** Writes a folder's first `runtimes.yaml` and opens it. What stands in it is decided in `view/starter.ts`. */

import * as vscode from 'vscode';
import { ownConfigFileNames } from '../manifest/ids.ts';
import { type FolderFacts, starterConfig } from '../view/starter.ts';

/** Never overwrites: a file that is there already is opened. */
export async function createConfig(folder: vscode.WorkspaceFolder): Promise<void> {
  const places = ownConfigFileNames.map((name) => vscode.Uri.joinPath(folder.uri, name));
  const there = await Promise.all(places.map(isThere));
  const present = places.find((_, index) => there[index]);
  await vscode.window.showTextDocument(present ?? (await write(folder)), { preview: false });
}

async function write(folder: vscode.WorkspaceFolder): Promise<vscode.Uri> {
  const uri = vscode.Uri.joinPath(folder.uri, ownConfigFileNames[0]);
  const text = starterConfig(await factsOf(folder));
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

async function factsOf(folder: vscode.WorkspaceFolder): Promise<FolderFacts> {
  const entries = await vscode.workspace.fs.readDirectory(folder.uri);
  const names = entries.map(([name]) => name);
  if (!names.includes('package.json')) return { names };
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder.uri, 'package.json'));
  return { names, packageJson: new TextDecoder().decode(bytes) };
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
