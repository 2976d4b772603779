/** Log batches as the text of a channel. */

import type { LogBatch } from '../protocol/api.ts';
import { plainText } from './ansi.ts';
import { english, type Translate } from './words.ts';

/** Every line with its line end; what was left out is said in one line that names where all of it is. */
export function logText(batch: LogBatch, logFile: string | undefined, t: Translate = english): string {
  const lines = batch.lines.map(({ text }) => `${plainText(text)}\n`).join('');
  if (batch.skipped === 0) return lines;
  const notice =
    logFile === undefined
      ? t('[{0} lines left out here to keep up]', batch.skipped)
      : t('[{0} lines left out here to keep up; all of them are in {1}]', batch.skipped, logFile);
  return `${notice}\n${lines}`;
}
