/** Quick fixes for faults of what was started. Those for what is merely written are the language server's. */

import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { languageId } from '../manifest/ids.ts';
import { fixOf } from '../view/fixes.ts';
import { diagnosticSource } from './problems.ts';

const provider: vscode.CodeActionProvider = {
  provideCodeActions(document, _range, { diagnostics }) {
    return diagnostics.flatMap((diagnostic) => {
      const { code, source, range } = diagnostic;
      if (source !== diagnosticSource || typeof code !== 'string') return [];
      const fix = fixOf(code, range.start.line + 1, document.getText());
      if (fix === undefined) return [];
      const title = vscode.l10n.t('Set "{0}"', fix.setting);
      const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
      const line = fix.line - 1;
      action.edit = new vscode.WorkspaceEdit();
      action.edit.replace(
        document.uri,
        new vscode.Range(line, fix.column - 1, line, fix.endColumn - 1),
        fix.text,
      );
      action.diagnostics = [diagnostic];
      action.isPreferred = true;
      return [action];
    });
  },
};

export function offerFixes(): Disposable {
  const providedCodeActionKinds = [vscode.CodeActionKind.QuickFix];
  return vscode.languages.registerCodeActionsProvider({ scheme: 'file', language: languageId }, provider, {
    providedCodeActionKinds,
  });
}
