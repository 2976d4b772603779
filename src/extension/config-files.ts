/** Which config file a folder has, and when it changes. Reading it is the runtime host's. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { configFileNames, projectFileNames, settings, settingsSection } from '../manifest/ids.ts';

/** The file a person chose for this folder, as an absolute path. */
export function chosenFile(folder: vscode.WorkspaceFolder): string | undefined {
  const chosen = vscode.workspace
    .getConfiguration(settingsSection, folder.uri)
    .get<string>(settings.file)
    ?.trim();
  if (chosen === undefined || chosen === '') return undefined;
  const isAbsolute = /^(?:[/\\]|[A-Za-z]:[/\\])/.test(chosen);
  return isAbsolute ? vscode.Uri.file(chosen).fsPath : vscode.Uri.joinPath(folder.uri, chosen).fsPath;
}

/** Where this folder's config may be, the preferred one first. */
function candidates(folder: vscode.WorkspaceFolder): readonly vscode.Uri[] {
  const chosen = chosenFile(folder);
  if (chosen !== undefined) return [vscode.Uri.file(chosen)];
  return configFileNames.map((name) => vscode.Uri.joinPath(folder.uri, name));
}

/** Whether there is anything for a runtime host to read. A chosen file counts even when it is missing: that is worth a problem. */
export async function hasConfig(folder: vscode.WorkspaceFolder): Promise<boolean> {
  if (chosenFile(folder) !== undefined) return true;
  const found = await Promise.all(candidates(folder).map(exists));
  return found.includes(true) || (await isProject(folder));
}

/** Whether it is an App Engine project, by its own files or by those of a folder right below it. */
async function isProject(folder: vscode.WorkspaceFolder): Promise<boolean> {
  const [own, below] = [true, false].map((isOwn) =>
    projectFileNames.filter((name) => !name.startsWith('*/') === isOwn),
  );
  const inFolder = (uri: vscode.Uri, names: readonly string[] = []): Promise<boolean[]> =>
    Promise.all(names.map((name) => exists(vscode.Uri.joinPath(uri, name.replace('*/', '')))));
  if ((await inFolder(folder.uri, own)).includes(true)) return true;
  const entries = await vscode.workspace.fs.readDirectory(folder.uri);
  const folders = entries.filter(
    ([name, type]) => (type & vscode.FileType.Directory) !== 0 && !/^\.|^node_modules$/.test(name),
  );
  const found = await Promise.all(
    folders.map(([name]) => inFolder(vscode.Uri.joinPath(folder.uri, name), below)),
  );
  return found.flat().includes(true);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    ({ type }) => (type & vscode.FileType.Directory) === 0,
    () => false,
  );
}

/** Calls `changed` whenever one of the folder's own config files appears, changes or goes, whoever did it. */
export function watchConfig(folder: vscode.WorkspaceFolder, changed: () => void): Disposable {
  const own = watch(candidates(folder), changed);
  if (chosenFile(folder) !== undefined) return own;
  const store = new DisposableStore();
  store.add(own);
  for (const name of projectFileNames)
    store.add(watchPattern(new vscode.RelativePattern(folder, name), changed));
  return store;
}

/**
 * The same for the files that the config brought in, and those that were only looked at. A file that appears beside one
 * that was read, with the same ending, counts too: files are included by patterns such as `conf.d/*.conf`.
 */
export function watchIncluded(
  folder: vscode.WorkspaceFolder,
  { read, consulted }: { readonly read: readonly string[]; readonly consulted: readonly string[] },
  changed: () => void,
): Disposable {
  const own = new Set(candidates(folder).map(({ fsPath }) => fsPath));
  const included = read.filter((file) => !own.has(vscode.Uri.file(file).fsPath));
  const patterns = new Map(
    included.map((file) => {
      const uri = vscode.Uri.file(file);
      const ending = /\.[^./]+$/.exec(uri.path)?.[0];
      const parent = vscode.Uri.joinPath(uri, '..');
      const beside = ending === undefined ? uri : vscode.Uri.joinPath(parent, `*${ending}`);
      return [beside.toString(), beside];
    }),
  );
  for (const path of consulted) {
    const uri = vscode.Uri.file(path);
    patterns.set(uri.toString(), uri);
  }
  return watch([...patterns.values()], changed, new Set([...included, ...consulted]));
}

/** Watches files named by the last part of an address, which may hold a star. */
function watch(
  uris: readonly vscode.Uri[],
  changed: () => void,
  saved: ReadonlySet<string> = new Set(uris.map(({ fsPath }) => fsPath)),
): Disposable {
  const store = new DisposableStore();
  for (const uri of uris) {
    const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), name);
    store.add(watchPattern(pattern, changed));
  }
  // A watcher may be late, and a folder may be excluded from watching; a save in this window is told at once.
  store.add(
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (saved.has(uri.fsPath)) changed();
    }),
  );
  return store;
}

function watchPattern(pattern: vscode.RelativePattern, changed: () => void): Disposable {
  const store = new DisposableStore();
  const watcher = store.add(vscode.workspace.createFileSystemWatcher(pattern));
  store.add(watcher.onDidCreate(changed));
  store.add(watcher.onDidChange(changed));
  store.add(watcher.onDidDelete(changed));
  return store;
}
