/**
 * Whether a program can only do its work and end: nothing that it is made with could listen. Where that is not certain
 * (a package of somebody else, a program that starts others), the answer is no.
 */

interface Manner {
  /** The names that a text imports; those behind `maybe` are a file of the program, or mean something else. */
  readonly importsIn: (text: string) => {
    readonly names: readonly string[];
    readonly maybe?: readonly string[];
  };
  /** Names with which nobody can listen. */
  readonly harmless: RegExp;
  /** By this a text may do anything, whatever it imports. */
  readonly anything: RegExp;
}

type Language = 'python' | 'ruby' | 'go' | 'java';

/** More files than anybody calls a script. */
const mostFiles = 30;

/** @param fileOf The text of the program's own file that is imported by a name. */
export function onlyWorks(
  language: Language,
  text: string,
  fileOf: (name: string) => string | undefined = () => undefined,
): boolean {
  const { importsIn, harmless, anything } = manners[language];
  const seen = new Set<string>();
  const texts = [text];
  for (let at = 0; at < texts.length; at += 1) {
    const each = texts[at] ?? '';
    if (at === mostFiles || anything.test(each)) return false;
    const { names, maybe = [] } = importsIn(each);
    for (const name of [...names, ...maybe]) {
      if (seen.has(name) || harmless.test(name)) continue;
      seen.add(name);
      const own = fileOf(name);
      if (own !== undefined) texts.push(own);
      else if (names.includes(name)) return false;
    }
  }
  return true;
}

const manners: Readonly<Record<Language, Manner>> = {
  python: {
    importsIn(text) {
      const plain = [...text.matchAll(/^[ \t]*import[ \t]+([^#;\n]+)/gm)].flatMap(([, list = '']) =>
        wordsIn(list),
      );
      const from = [...text.matchAll(/^[ \t]*from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^#;\n]+)/gm)];
      return {
        names: [...plain, ...from.map(([, name = '']) => name).filter((name) => /\w/.test(name))],
        maybe: from.flatMap(([, name = '', list = '']) =>
          wordsIn(list.replaceAll(/[()]/g, '')).map(
            (word) => `${name}${name.endsWith('.') ? '' : '.'}${word}`,
          ),
        ),
      };
    },
    harmless: namesLike(
      '__future__|abc|argparse|array|ast|base64|bisect|calendar|collections|configparser|contextlib|copy|csv',
      'dataclasses|datetime|decimal|difflib|enum|errno|fnmatch|fractions|functools|getpass|glob|gzip|hashlib|heapq',
      'hmac|html|inspect|io|itertools|json|locale|logging|math|numbers|operator|os|pathlib|pickle|platform|pprint',
      'queue|random|re|secrets|shutil|signal|sqlite3|statistics|string|struct|sys|tempfile|textwrap|threading|time',
      'timeit|traceback|types|typing|unicodedata|urllib|uuid|warnings|weakref|zipfile|zlib|zoneinfo',
      // Clients and tools that are in many scripts.
      'boto3|bs4|click|dateutil|dotenv|httpx|lxml|matplotlib|numpy|pandas|PIL|psycopg|psycopg2|pymongo|redis|requests',
      'rich|scipy|sqlalchemy|tqdm|yaml',
    ),
    anything:
      /\b(?:__import__|eval|exec\w*|popen|spawn\w*|posix_spawnp?|system|fork|forkpty|serve\w*|listen)\s*\(|Server\b|\blogging\.config\b/,
  },
  ruby: {
    importsIn: (text) => ({
      names: [...text.matchAll(/\brequire(_relative)?\b[ \t]*\(?[ \t]*(?:["']([^"'\n]+)["'])?/g)].map(
        ([, relative, name = '']) => (relative === undefined ? name : `./${name}`),
      ),
    }),
    harmless: namesLike(
      'abbrev|base64|benchmark|bigdecimal|csv|date|delegate|digest|English|erb|fileutils|forwardable|json|logger|net/http',
      'open-uri|optparse|ostruct|pathname|pp|securerandom|set|shellwords|singleton|stringio|strscan|tempfile|time',
      'timeout|tmpdir|uri|yaml|zlib',
    ),
    anything:
      /`|%x|\b(?:system|exec|spawn|popen\w*|fork|load|autoload|eval|instance_eval|class_eval)\b|Bundler|Server\b|Socket\b/,
  },
  go: {
    importsIn: (text) => ({
      names: [...text.matchAll(/^import\b[ \t]*(?:\(([^)]*)\)|([^\n]*))/gm)].flatMap(([, many, one]) =>
        [...(many ?? one ?? '').matchAll(/"([^"\n]*)"/g)].map(([, name = '']) => name),
      ),
    }),
    harmless: namesLike(
      'bufio|bytes|cmp|container/\\w+|context|encoding/\\w+|encoding|errors|flag|fmt|io|io/fs|iter|log|log/slog|maps|math',
      'math/\\w+|os|os/signal|path|path/filepath|regexp|runtime|slices|sort|strconv|strings|sync|sync/atomic|text/\\w+',
      'time|unicode|unicode/\\w+',
    ),
    anything: /\bStartProcess\b/,
  },
  java: {
    importsIn: (text) => ({
      names: [...text.matchAll(/^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)/gm)].map(
        ([, name = '']) => name,
      ),
    }),
    harmless: /^java\.(?:io|lang|math|text|time|util|nio\.(?:charset|file))\b/,
    anything:
      /^(?![ \t]*(?:import|package)\b).*\b(?:javax?\.(?:net|nio\.channels|rmi)|jakarta|com\.sun|jdk|org|io)\.\w|\b(?:ProcessBuilder|ServiceLoader|getRuntime|forName|native|loadLibrary)\b/m,
  },
};

/** Of Python, what is below a module is as harmless as the module. */
function namesLike(...names: readonly string[]): RegExp {
  return new RegExp(`^(?:${names.join('|')})(?:\\.|$)`);
}

/** `a, b.c as d` names a and b.c. */
function wordsIn(list: string): readonly string[] {
  return list
    .split(',')
    .map((each) => each.trim().split(/\s/, 1)[0] ?? '')
    .filter((each) => /^\.*[A-Za-z_]/.test(each));
}
