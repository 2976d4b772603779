/**
 * The language server: the service's answers in the protocol's words.
 *
 * Decides when to look and how an answer is written for an editor. What the answer is comes from `service.ts`, files
 * and environment from whoever starts it.
 */

import {
  type CodeAction,
  CodeActionKind,
  type CompletionItem,
  CompletionItemKind,
  type Connection,
  type Diagnostic,
  DiagnosticSeverity,
  type DocumentSymbol,
  InsertTextFormat,
  MarkupKind,
  type Range,
  SymbolKind,
  TextDocuments,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { isAppYaml } from '../config/app-yaml.ts';
import type { LoadInput } from '../config/load.ts';
import type { RecipeDefinition } from '../config/registered.ts';
import { inReadingOrder } from '../base/reading-order.ts';
import type { Problem, Severity } from '../faults/fault.ts';
import {
  type Completion,
  completionsAt,
  fixesOf,
  hoverAt,
  type Outline,
  outlineOf,
  problemsOf,
  shapeOfFile,
} from './service.ts';

export interface Surroundings extends Pick<LoadInput, 'environment' | 'readFile' | 'kindOf' | 'list'> {
  /** The absolute path of a document, or undefined when it is no file. */
  pathOf(uri: string): string | undefined;
  /** The folder a file stands in. */
  folderOf(path: string): string;
}

/** How an editor names the recipes that its other extensions have brought, in place of those named before. */
const recipesNotification = 'localRuntimes/recipes';

/** A pause this long in the typing, in milliseconds, and the file is looked at. */
const pause = 150;

/** Serves documents until the connection ends. */
export function serve(connection: Connection, around: Surroundings): void {
  const documents = new TextDocuments(TextDocument);
  const waiting = new Map<string, NodeJS.Timeout>();
  let folders: readonly string[] = [];
  /** Undefined while nobody has said which there are: then a recipe of any name may be there. */
  let recipes: readonly RecipeDefinition[] | undefined;

  connection.onInitialize(({ workspaceFolders, rootUri }) => {
    const roots = workspaceFolders?.map(({ uri }) => uri) ?? (typeof rootUri === 'string' ? [rootUri] : []);
    folders = roots.flatMap((uri) => around.pathOf(uri) ?? []);
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        completionProvider: { triggerCharacters: [' ', ':'] },
        hoverProvider: true,
        documentSymbolProvider: true,
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      },
      serverInfo: { name: 'Local Runtimes' },
    };
  });

  const look = (document: TextDocument): readonly Problem[] => {
    const path = around.pathOf(document.uri) ?? document.uri;
    if (!isOurs(document) && !isAppYaml(path, document.getText())) return [];
    const folder =
      folders.find((each) => path.startsWith(`${each}/`) || path.startsWith(`${each}\\`)) ??
      around.folderOf(path);
    const known = recipes === undefined ? {} : { recipes };
    return problemsOf({ ...around, ...known, folder, files: [{ path, text: document.getText() }] });
  };
  /** The versions already spoken of: opening a document is told twice, as that and as a change. */
  const seen = new Map<string, number>();
  const forget = (uri: string): void => {
    clearTimeout(waiting.get(uri));
    waiting.delete(uri);
  };
  const send = (document: TextDocument): void => {
    forget(document.uri);
    seen.set(document.uri, document.version);
    const diagnostics = look(document).map(diagnosticOf);
    void connection.sendDiagnostics({ uri: document.uri, version: document.version, diagnostics });
  };
  documents.onDidOpen(({ document }) => send(document));
  // The files it names may have changed meanwhile.
  documents.onDidSave(({ document }) => send(document));
  documents.onDidChangeContent(({ document }) => {
    if (seen.get(document.uri) === document.version) return;
    forget(document.uri);
    waiting.set(document.uri, setTimeout(send, pause, document));
  });
  documents.onDidClose(({ document }) => {
    forget(document.uri);
    seen.delete(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });

  connection.onNotification(
    recipesNotification,
    (told: { readonly recipes: readonly RecipeDefinition[] }) => {
      recipes = told.recipes;
      for (const document of documents.all()) send(document);
    },
  );

  connection.onCompletion(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    const text = document?.getText() ?? '';
    const shape = shapeOfFile(textDocument.uri, text);
    if (document === undefined || shape === undefined) return [];
    const completions = completionsAt(text, document.offsetAt(position), recipes, shape);
    return completions.map((each, index) => itemOf(each, index, document));
  });
  connection.onHover(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    const text = document?.getText() ?? '';
    const shape = shapeOfFile(textDocument.uri, text);
    if (document === undefined || shape === undefined) return undefined;
    const hover = hoverAt(text, document.offsetAt(position), shape);
    return hover && { contents: { kind: MarkupKind.Markdown, value: hover.text }, range: rangeOf(hover.at) };
  });
  connection.onDocumentSymbol(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    return document === undefined || !isOurs(document) ? [] : outlineOf(document.getText()).map(symbolOf);
  });
  connection.onCodeAction(({ textDocument: { uri }, range }) => {
    const document = documents.get(uri);
    const fixes = document === undefined ? [] : fixesOf(look(document));
    return fixes
      .filter(({ problem }) => touch(rangeOf(problem), range))
      .map(({ title, problem, text }): CodeAction => ({
        title,
        kind: CodeActionKind.QuickFix,
        isPreferred: true,
        diagnostics: [diagnosticOf(problem)],
        edit: { changes: { [uri]: [{ range: rangeOf(problem), newText: text }] } },
      }));
  });

  documents.listen(connection);
  connection.listen();
}

/** An `app.yaml` has no services by name, of which an outline would be made. */
function isOurs({ uri }: TextDocument): boolean {
  return !/\/app\.ya?ml$/i.test(uri);
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
};

function diagnosticOf(problem: Problem): Diagnostic {
  const { severity, code } = problem;
  return {
    range: rangeOf(problem),
    severity: severities[severity],
    source: 'Local Runtimes',
    code,
    message: inReadingOrder(problem).join('\n'),
  };
}

/** Ours count from one, the protocol's from zero. */
function rangeOf({
  line,
  column,
  endLine,
  endColumn,
}: Pick<Problem, 'line' | 'column' | 'endLine' | 'endColumn'>): Range {
  return {
    start: { line: line - 1, character: column - 1 },
    end: { line: endLine - 1, character: endColumn - 1 },
  };
}

function touch(one: Range, other: Range): boolean {
  const ends = (a: Range, b: Range): boolean =>
    a.end.line < b.start.line || (a.end.line === b.start.line && a.end.character < b.start.character);
  return !ends(one, other) && !ends(other, one);
}

const itemKinds: Readonly<Record<Completion['kind'], CompletionItemKind>> = {
  key: CompletionItemKind.Property,
  word: CompletionItemKind.EnumMember,
  service: CompletionItemKind.Module,
  snippet: CompletionItemKind.Snippet,
};

function itemOf(completion: Completion, index: number, document: TextDocument): CompletionItem {
  const { label, kind, insert, start, end, documentation, required, again } = completion;
  return {
    label,
    kind: itemKinds[kind],
    // In the order of the schema, what must be there first.
    sortText: `${required ? '0' : '1'}${String(index).padStart(3, '0')}`,
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: {
      range: { start: document.positionAt(start), end: document.positionAt(end) },
      newText: insert,
    },
    ...(documentation === '' ? {} : { documentation: { kind: MarkupKind.Markdown, value: documentation } }),
    ...(again ? { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } } : {}),
  };
}

const symbolKinds: Readonly<Record<Outline['kind'], SymbolKind>> = {
  section: SymbolKind.Namespace,
  service: SymbolKind.Module,
  key: SymbolKind.Property,
};

function symbolOf({ name, kind, detail, at, nameAt, children }: Outline): DocumentSymbol {
  return {
    // An empty key is legal YAML, and an empty name is not legal here.
    name: name === '' ? '""' : name,
    kind: symbolKinds[kind],
    detail,
    range: rangeOf(at),
    selectionRange: rangeOf(nameAt),
    children: children.map(symbolOf),
  };
}
