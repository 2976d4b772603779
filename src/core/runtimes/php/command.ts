/** The words of a PHP command taken apart. Pure. */

export type PhpMode =
  /** PHP's own server (`-S`). */
  | { readonly kind: 'server'; readonly root?: string; readonly router?: string }
  | { readonly kind: 'script'; readonly file: string }
  /** `php-cgi` at a port (`-b`). */
  | { readonly kind: 'fastcgi' }
  | { readonly kind: 'other' };

const withValue: ReadonlySet<string> = new Set([
  '-d',
  '-c',
  '-z',
  '-g',
  '--define',
  '--php-ini',
  '--zend-extension',
]);
/** They run something that is no file, or tell something and end. */
const withoutFile = /^-(?:[BEFRahilmrsvw]$|r.)|^--(?:run|version|info|ini|modules|help|rf|rc|re|rz|ri)/u;

/** @param words Behind the program's name. */
export function readPhp(words: readonly string[]): PhpMode {
  let root: string | undefined;
  let isServer = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const next = words[at + 1];
    // Behind it is nothing but what a script from its input gets.
    if (word === '--') return isServer ? server(root) : { kind: 'other' };
    if (withoutFile.test(word)) return { kind: 'other' };
    if (/^-b|^--bindpath$/u.test(word)) return { kind: 'fastcgi' };
    if (word === '-f' || word === '--file')
      return next === undefined ? { kind: 'other' } : { kind: 'script', file: next };
    if (word === '-t' || word === '--docroot') {
      root = next;
      at += 1;
    } else if (word === '-S' || word === '--server') {
      isServer = true;
      at += 1;
    } else if (withValue.has(word)) {
      at += 1;
    } else if (/^-S./u.test(word)) {
      isServer = true;
    } else if (/^-t./u.test(word)) {
      root = word.slice(2);
    } else if (!word.startsWith('-')) {
      return isServer ? server(root, word) : { kind: 'script', file: word };
    }
  }
  return isServer ? server(root) : { kind: 'other' };
}

function server(root: string | undefined, router?: string): PhpMode {
  return {
    kind: 'server',
    ...(root === undefined ? {} : { root }),
    ...(router === undefined ? {} : { router }),
  };
}

/** `php`, `php8.2`. */
export function isPhpCli(program: string): boolean {
  return /^php[\d.]*$/u.test(program);
}
