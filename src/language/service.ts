/**
 * The language service of `runtimes.yaml`: text in, answers out.
 *
 * Its problems are those of `runtimes check`. It knows the format and nothing of editors or protocols; offsets count
 * UTF-16 units from 0, places are 1-based as everywhere.
 */

import { loadConfig, type LoadInput } from '../config/load.ts';
import type { Problem } from '../faults/fault.ts';
import { suggestionIn } from '../faults/suggestion.ts';

export { type Completion, completionsAt } from './completion.ts';
export { hoverAt } from './hover.ts';
export { shapeOfFile } from './shapes.ts';
export { type Outline, outlineOf } from './symbols.ts';

/** What is wrong with a file as it stands in the editor, saved or not. Files that it names are told of by whoever has read them from disk. */
export function problemsOf(input: LoadInput): readonly Problem[] {
  const own = new Set(input.files.map(({ path }) => path));
  return loadConfig(input).problems.filter(({ file }) => own.has(file));
}

export interface Fix {
  readonly title: string;
  /** The problem it mends, at whose place the new text goes. */
  readonly problem: Problem;
  readonly text: string;
}

/** The problems that one word would mend. */
export function fixesOf(problems: readonly Problem[]): readonly Fix[] {
  return problems.flatMap((problem) => {
    const text = suggestionIn(problem);
    return text === undefined ? [] : [{ title: `Change to "${text}"`, problem, text }];
  });
}
