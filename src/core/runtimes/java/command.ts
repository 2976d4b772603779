/** The words of a `java` command taken apart. Pure. */

export type JavaMode =
  | { readonly kind: 'jar'; readonly file: string }
  /** A class or a module. */
  | { readonly kind: 'main'; readonly name: string }
  /** One file that `java` compiles by itself. */
  | { readonly kind: 'source'; readonly file: string }
  /** Nothing but options: for a launcher that is chosen elsewhere. */
  | { readonly kind: 'options' };

export interface JavaCommand {
  readonly options: readonly string[];
  readonly mode: JavaMode;
  /** For the program. */
  readonly args: readonly string[];
}

const withValue: ReadonlySet<string> = new Set([
  ...['-cp', '-classpath', '--class-path', '-p', '--module-path', '--upgrade-module-path', '--add-modules'],
  ...['--add-exports', '--add-opens', '--add-reads', '--patch-module', '--limit-modules', '--source'],
  '--enable-native-access',
]);

/** @param words Behind the program's name. */
export function readJava(words: readonly string[]): JavaCommand {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const next = words[at + 1];
    const options = words.slice(0, at);
    if (word === '-jar' && next !== undefined) {
      return { options, mode: { kind: 'jar', file: next }, args: words.slice(at + 2) };
    }
    if ((word === '-m' || word === '--module') && next !== undefined) {
      return { options, mode: { kind: 'main', name: next }, args: words.slice(at + 2) };
    }
    if (withValue.has(word)) at += 1;
    else if (!word.startsWith('-') && !word.startsWith('@')) {
      const args = words.slice(at + 1);
      return word.endsWith('.java')
        ? { options, mode: { kind: 'source', file: word }, args }
        : { options, mode: { kind: 'main', name: word }, args };
    }
  }
  return { options: words, mode: { kind: 'options' }, args: [] };
}

/** Who a command's first word is, as far as it runs on a Java of the machine. */
export type JavaTool = 'java' | 'maven' | 'gradle';

export function javaToolOf(program: string): JavaTool | undefined {
  if (/^javaw?$/u.test(program)) return 'java';
  if (/^mvnw?$/u.test(program)) return 'maven';
  return /^gradlew?$/u.test(program) ? 'gradle' : undefined;
}
