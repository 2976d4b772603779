/** Takes a person somewhere: to an address, to a place in a file. */

import * as vscode from 'vscode';
import type { Place } from '../faults/fault.ts';
import { rangeOf } from './problems.ts';

/** An address as this window's browser can reach it: with a remote host that is not what the service calls itself. */
async function externalUrl(url: string): Promise<vscode.Uri> {
  const uri = vscode.Uri.parse(url, true);
  try {
    return await vscode.env.asExternalUri(uri);
  } catch {
    // An editor in a browser that forwards no ports cannot say; where both are on one machine the address is good.
    return uri;
  }
}

export async function openUrl(url: string): Promise<void> {
  await vscode.env.openExternal(await externalUrl(url));
}

export async function copyUrl(url: string): Promise<void> {
  // Without the encoding that would turn a colon of the host into %3A.
  await vscode.env.clipboard.writeText((await externalUrl(url)).toString(true));
}

export async function openPlace(place: Place): Promise<void> {
  await vscode.window.showTextDocument(vscode.Uri.file(place.file), { selection: rangeOf(place) });
}

export async function isThere(file: string): Promise<boolean> {
  return vscode.workspace.fs.stat(vscode.Uri.file(file)).then(
    () => true,
    () => false,
  );
}

/** Opens a file at its end, where the news of a log are. */
export async function openAtEnd(file: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const end = document.lineAt(document.lineCount - 1).range.end;
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(end, end) });
}
