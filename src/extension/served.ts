/** Which open documents the language server speaks for. */

import type * as vscode from 'vscode';
import { isAppYaml } from '../config/app-yaml.ts';
import { languageId } from '../manifest/ids.ts';

export function isServed(document: vscode.TextDocument): boolean {
  if (document.languageId === languageId) return true;
  return document.uri.scheme === 'file' && isAppYaml(document.uri.fsPath, document.getText());
}
