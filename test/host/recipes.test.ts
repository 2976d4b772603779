import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { LocalRuntimesApi } from '../../src/extension/exports.ts';
import { DebugWatch } from './debug-watch.ts';
import {
  fileUri,
  rewrite,
  runtimes,
  serviceHandle,
  serviceOf,
  stopAll,
  until,
  untilAll,
  untilDiagnostics,
} from './editor.ts';

const config = (): vscode.Uri => fileUri('runtimes.yaml');

/** What the other extension gives to who activates it. */
interface Moth {
  readonly registerRecipe: LocalRuntimesApi['registerRecipe'];
  takeBack(): void;
}

/** The service's folder: a page of the made-up language, its compiler, and what serves the result. */
const files: Readonly<Record<string, string>> = {
  'page.moth': 'light\n',
  'compile.mjs': `import { readFileSync, writeFileSync } from 'node:fs';
console.log('compiling page.moth');
writeFileSync('page.txt', 'The moth flies to the ' + readFileSync('page.moth', 'utf8').trim());
`,
  'serve.mjs': `import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
const port = Number(process.argv[process.argv.indexOf('--port') + 1]);
createServer((request, answer) => {
  answer.end(readFileSync('page.txt', 'utf8') + ' with ' + process.env.WINGS + ' wings.');
}).listen(port, '127.0.0.1');
`,
};

describe('a language that another extension brings', () => {
  let api: LocalRuntimesApi;
  let written: string;
  let moth: Moth;
  const watch = new DebugWatch();

  before(async () => {
    api = await runtimes();
    written = (await vscode.workspace.openTextDocument(config())).getText();
    for (const [name, text] of Object.entries(files)) {
      await vscode.workspace.fs.writeFile(fileUri('lamp', name), new TextEncoder().encode(text));
    }
    await rewrite(
      config(),
      written.replace('services:\n', 'services:\n  lamp:\n    runtime: moth\n    cwd: lamp\n'),
    );
    await vscode.window.showTextDocument(config());
  });
  after(async () => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    watch.dispose();
    await stopAll();
    await rewrite(config(), written);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.log(JSON.stringify(serviceOf(api, 'lamp')));
  });

  it('is no runtime before that extension is there', async () => {
    const problems = await untilDiagnostics(config(), (all) => all.some(isUnknown));
    assert.match(problems.find(isUnknown)?.message ?? '', /there is no recipe "moth"/);
  });

  it('is one as soon as it is registered, and its name completes', async () => {
    const extension = vscode.extensions.getExtension<Moth>('made-up.moth');
    assert.ok(extension !== undefined, 'the other extension is not there');
    moth = await extension.activate();
    await untilDiagnostics(config(), (all) => !all.some(isUnknown));
    const document = await vscode.workspace.openTextDocument(config());
    const at = document.positionAt(document.getText().indexOf('moth'));
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      config(),
      at,
    );
    const offered = items.find(({ label }) => label === 'moth');
    assert.ok(offered !== undefined, JSON.stringify(items.map(({ label }) => label)));
  });

  it('is checked, built, started and answers as its definition says', async () => {
    await until(
      () => api.snapshots().some(({ services }) => services.some(({ name }) => name === 'lamp')),
      api.onDidChange,
    );
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('lamp'));
    const [lamp] = await untilAll(api, 'lamp', 'RUNNING');
    const answer = await fetch(`http://127.0.0.1:${lamp?.port}/`);
    assert.equal(await answer.text(), 'The moth flies to the light with 4 wings.');
  });

  it('is debugged with the debugger that its definition names', async () => {
    await stopAll();
    // It has read along since the files of the tests were loaded.
    watch.forget();
    const place = new vscode.Location(fileUri('lamp', 'serve.mjs'), new vscode.Position(4, 0));
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(place)]);
    await vscode.commands.executeCommand('localRuntimes.service.startDebugging', serviceHandle('lamp'));
    const [lamp] = await untilAll(api, 'lamp', 'RUNNING');
    await watch.untilBound(1);
    const answer = fetch(`http://127.0.0.1:${lamp?.port}/`);
    const stop = await watch.untilStopped();
    assert.equal((await stop.frame()).line, 5);
    await stop.goOn();
    assert.equal((await answer).status, 200);
    await vscode.debug.stopDebugging();
    await watch.untilNoSession();
  });

  it('is refused with words where it is wrong, and a second time', () => {
    const register = moth.registerRecipe as (definition: unknown) => vscode.Disposable;
    assert.throws(() => register({ name: 'wasp' }), /This is no recipe: "title" must be a text/);
    assert.throws(
      () => register({ name: 'node', title: 'Mine' }),
      /"node", and that recipe is there already/,
    );
    assert.throws(() => register({ name: 'moth', title: 'Again' }), /"moth" is registered already/);
  });

  it('is none again once it is taken back', async () => {
    await stopAll();
    moth.takeBack();
    await untilDiagnostics(config(), (all) => all.some(isUnknown));
  });
});

function isUnknown({ message }: vscode.Diagnostic): boolean {
  return message.includes('there is no recipe');
}
