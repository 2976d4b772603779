/** The Problems list: hands the notes that `view/` makes to the editor, a file at a time and only what changed. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import type { Place, Severity } from '../faults/fault.ts';
import { type DiagnosticNote, faultNotes, type Notes, problemNotes } from '../view/diagnostics.ts';
import type { Language } from './language.ts';
import type { RuntimesModel } from './model.ts';
import { isServed } from './served.ts';

/** Whose entries these are, as the Problems list says behind each. */
export const diagnosticSource = 'Local Runtimes';

export function showProblems(model: RuntimesModel, language: Language): Disposable {
  const store = new DisposableStore();
  const faults = store.add(new FileNotes('local-runtimes'));
  const config = store.add(new FileNotes('local-runtimes-config'));
  const draw = (): void => {
    const { snapshots } = model;
    faults.show(merged(snapshots.map((snapshot) => faultNotes(snapshot, vscode.l10n.t))));
    // The language server speaks for a config file that is open, as it is being typed.
    const documents = language.serves ? vscode.workspace.textDocuments : [];
    const open = new Set(documents.filter(isServed).map(({ uri }) => uri.fsPath));
    const problems = merged(snapshots.map(problemNotes));
    config.show(new Map([...problems].filter(([file]) => !open.has(file))));
  };
  store.add(model.onDidChange(draw));
  store.add(language.onDidChange(draw));
  store.add(vscode.workspace.onDidOpenTextDocument((document) => isServed(document) && draw()));
  store.add(vscode.workspace.onDidCloseTextDocument((document) => isServed(document) && draw()));
  draw();
  return store;
}

/** Two folders may point into the same file. */
function merged(all: readonly Notes[]): Notes {
  const notes = new Map<string, readonly DiagnosticNote[]>();
  for (const each of all)
    for (const [file, more] of each) notes.set(file, [...(notes.get(file) ?? []), ...more]);
  return notes;
}

/** A diagnostic collection that is told only about files whose notes differ. */
class FileNotes implements Disposable {
  readonly #collection: vscode.DiagnosticCollection;
  readonly #shown = new Map<string, string>();

  constructor(name: string) {
    this.#collection = vscode.languages.createDiagnosticCollection(name);
  }

  show(notes: Notes): void {
    for (const file of this.#shown.keys()) {
      if (notes.has(file)) continue;
      this.#shown.delete(file);
      this.#collection.delete(vscode.Uri.file(file));
    }
    for (const [file, list] of notes) {
      const print = JSON.stringify(list);
      if (this.#shown.get(file) === print) continue;
      this.#shown.set(file, print);
      this.#collection.set(vscode.Uri.file(file), list.map(diagnosticOf));
    }
  }

  dispose(): void {
    this.#collection.dispose();
  }
}

function diagnosticOf(note: DiagnosticNote): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(rangeOf(note.place), note.message, severities[note.severity]);
  diagnostic.source = diagnosticSource;
  diagnostic.code = note.code;
  diagnostic.relatedInformation = note.related.map(
    ({ message, place }) =>
      new vscode.DiagnosticRelatedInformation(
        new vscode.Location(vscode.Uri.file(place.file), rangeOf(place)),
        message,
      ),
  );
  return diagnostic;
}

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

/** Ours count from one, the editor's from zero. A place without an end is a point, which the editor widens to its word. */
export function rangeOf({ line, column, endLine = line, endColumn = column }: Place): vscode.Range {
  return new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1);
}
