/** What is said in words of the editor, in words of a terminal. */

/** `name` is the instance, or the service, that it is about. */
export function inTerminal(text: string, name?: string): string {
  const way = `"runtimes logs${name === undefined ? '' : ` ${name}`}"`;
  return text
    .replace('its log has the rest', `${way} prints the rest`)
    .replace(/\b(is|are) in the output channel(?: of the service)?/, `$1 in ${way}`);
}
