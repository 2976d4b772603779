/** What a Python script certainly imports, with nothing done before that could change where is looked. Reads no file. */

/**
 * The modules by their first names, in order: up to the first statement that is no import. Such a statement may change
 * `sys.path`, start the script again in another environment, or install something.
 */
export function importedFirst(source: string): readonly string[] {
  const names: string[] = [];
  for (const line of statementsOf(source)) {
    const [, from, plain] =
      /^(?:from[ \t]+(\.*[\w.]*)[ \t]+import\b|import[ \t]+([\w., \t]+))/.exec(line) ?? [];
    if (from === undefined && plain === undefined) return withDjango(line, source, names);
    if (line.includes(';')) return names;
    const imported = from === undefined ? (plain ?? '').split(',') : [from];
    names.push(...imported.map((each) => each.trim().split(/[.\s]/, 1)[0] ?? ''));
  }
  return names;
}

/** As `django-admin startproject` writes a manage.py, in each of its versions: told in a way of its own. */
function withDjango(line: string, source: string, names: readonly string[]): readonly string[] {
  const usual =
    /^(?:def main\(\)(?: -> None)?:|if __name__ == ['"]__main__['"]:)\n(?:[ \t]+(?:os\.environ\.setdefault\([^()\n]*\)|try:|['"]{3}[^'"\n]*['"]{3})[ \t]*\n|[ \t]*\n)*[ \t]+from django\.core\.management import execute_from_command_line\n[ \t]+except ImportError(?: as \w+)?:\n(?:[ \t]+#[^\n]*\n|[ \t]+try:\n|[ \t]+import django\n|[ \t]+except ImportError:\n)*[ \t]+raise ImportError\(/m;
  const at = source.search(usual);
  return at !== -1 && source.slice(at).startsWith(line) ? [...names, 'django'] : names;
}

/** Lines without comments, texts that stand alone, and what is indented below a bracket. */
function statementsOf(source: string): readonly string[] {
  const bare = source
    .replaceAll('\r', '')
    .replace(/^(?:[ \t]*(?:#[^\n]*)?\n)*(?:[rRuU]?"""[\s\S]*?"""|[rRuU]?'''[\s\S]*?''')/, '')
    .replaceAll(/\([^()]*\)|\\\n/g, (text) => (text.startsWith('(') ? '()' : ' '));
  return bare
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trimEnd())
    .filter((line) => line !== '');
}
