/** Regular expressions that people write. */

/** Why a text is no regular expression. */
export function patternProblem(pattern: string): string | undefined {
  try {
    return void new RegExp(pattern);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `it is no regular expression (${message.replace(/^Invalid regular expression: /, '')})`;
  }
}
