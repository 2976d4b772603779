/** Terminal escape sequences have no meaning in a page, a channel or a problem. */

// eslint-like tools dislike control characters in patterns; here they are the very matter.
const escape = '\u001b';
const pattern = new RegExp(
  `${escape}(?:\\[[0-?]*[ -/]*[@-~]|\\][^\u0007${escape}]*(?:\u0007|${escape}\\\\)?|[@-Z\\\\-_])`,
  'g',
);

export function stripAnsi(text: string): string {
  return text.includes(escape) ? text.replace(pattern, '') : text;
}
