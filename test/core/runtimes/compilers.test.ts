/** Where compilers say something is wrong, from what they really print. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { generalMessages } from '../../../src/core/runtimes/compilers/general.ts';
import { goMessages } from '../../../src/core/runtimes/compilers/go.ts';
import { javaMessages } from '../../../src/core/runtimes/compilers/java.ts';
import type { CompilerMessage } from '../../../src/core/runtimes/recipe.ts';

/** `file:line:column severity message`, with line breaks as ` | `. */
function brief(messages: readonly CompilerMessage[]): readonly string[] {
  return messages.map(
    ({ severity, message, place: { file, line, column } }) =>
      `${file}:${line}:${column} ${severity} ${message.replaceAll('\n', ' | ')}`,
  );
}

type Case = readonly [what: string, printed: string, told: readonly string[]];

function table(
  read: (printed: string, cwd: string) => readonly CompilerMessage[],
  cases: readonly Case[],
): void {
  for (const [what, printed, told] of cases) {
    it(what, () => assert.deepEqual(brief(read(printed, '/w')), told));
  }
}

describe('the go command says', () => {
  table(goMessages, [
    [
      'what is wrong at line and column, below the name of the package',
      '# example.com/api\n./main.go:4:2: x declared but not used\nsub/b.go:5:10: undefined: y\n./main.go:9:1: too many errors\n',
      ['/w/main.go:4:2 error x declared but not used', '/w/sub/b.go:5:10 error undefined: y'],
    ],
    [
      'more in lines below that are set in',
      './a.go:3:4: not enough arguments in call to f\n\thave ()\n\twant (int)\n./b.go:1:1: other\n',
      [
        '/w/a.go:3:4 error not enough arguments in call to f | have () | want (int)',
        '/w/b.go:1:1 error other',
      ],
    ],
    [
      'lines without a column, of vet, of go.mod, and of files elsewhere',
      'vet: ./a.go:3:1: bad\nx_test.go:7: wrong\ngo: errors parsing go.mod:\n/w/go.mod:3: unknown directive: y\n../lib/l.go:2:3: no\n',
      [
        '/w/a.go:3:1 error bad',
        '/w/x_test.go:7:1 error wrong',
        '/w/go.mod:3:1 error unknown directive: y',
        '/lib/l.go:2:3 error no',
      ],
    ],
    ['nothing that has no place', 'go: cannot find main module\nexit status 1\nhttp://x:80: no\n', []],
    ['each thing once', './a.go:1:1: x\n./a.go:1:1: x\n', ['/w/a.go:1:1 error x']],
  ]);

  it('never more than a person can read', () => {
    const printed = Array.from({ length: 500 }, (_, at) => `./a.go:${at + 1}:1: wrong`).join('\n');
    assert.equal(goMessages(printed, '/w').length, 100);
  });
});

describe('compilers of Java say', () => {
  table(javaMessages, [
    [
      'the column by a caret below the source, and then what was looked for',
      `src/A.java:3: error: cannot find symbol
        return texts + "!";
               ^
  symbol:   variable texts
  location: class A
src/B.java:1: warning: [deprecation] x in Y has been deprecated
\timport y;
\t       ^
1 error
`,
      [
        '/w/src/A.java:3:16 error cannot find symbol | symbol:   variable texts | location: class A',
        '/w/src/B.java:1:9 warning [deprecation] x in Y has been deprecated',
      ],
    ],
    [
      'what is wrong in the words of another language',
      'A.java:2: Fehler: ";" erwartet\n  int x\n       ^\n1 Fehler\n',
      ['/w/A.java:2:8 error ";" erwartet'],
    ],
    [
      'what Maven passes on, twice, and of its own file',
      `[INFO] BUILD FAILURE
[ERROR] COMPILATION ERROR :
[ERROR] /w/src/A.java:[3,5] cannot find symbol
[ERROR]   symbol:   class X
[ERROR]   location: class A
[WARNING] /w/src/B.java:[7,1] unchecked
[ERROR] /w/src/A.java:[3,5] cannot find symbol
[ERROR]   symbol:   class X
[ERROR]   location: class A
[ERROR]   The project g:a:1 (/w/pom.xml) has 1 error
[ERROR]     'dependencies.dependency.version' for a:b:jar is missing. @ line 15, column 17
`,
      [
        '/w/src/A.java:3:5 error cannot find symbol | symbol:   class X | location: class A',
        '/w/src/B.java:7:1 warning unchecked',
        "/w/pom.xml:15:17 error 'dependencies.dependency.version' for a:b:jar is missing.",
      ],
    ],
    [
      'what Gradle says of its build file, and Kotlin of its sources',
      `e: file:///w/src/Main.kt:3:5 Unresolved reference 'x'
w: /w/src/Old.kt: (2, 7): Variable is never used

* Where:
Build file '/w/build.gradle' line: 12

* What went wrong:
Could not find method implementatio()
`,
      [
        "/w/src/Main.kt:3:5 error Unresolved reference 'x'",
        '/w/src/Old.kt:2:7 warning Variable is never used',
        '/w/build.gradle:12:1 error Could not find method implementatio()',
      ],
    ],
  ]);
});

describe('tools of others say', () => {
  table(generalMessages, [
    [
      'what is wrong as gcc does',
      "src/a.c:3:5: error: expected ';'\nsrc/a.c:2:1: note: here\nsrc/a.h:1:10: fatal error: x.h: No such file\nb.c:1:1: warning: unused\n",
      [
        "/w/src/a.c:3:5 error expected ';'",
        '/w/src/a.h:1:10 error x.h: No such file',
        '/w/b.c:1:1 warning unused',
      ],
    ],
    [
      'as tsc does, in a file or in a terminal',
      "src/a.ts(3,5): error TS2304: Cannot find name 'x'.\n\u001b[96msrc/b.ts\u001b[0m:\u001b[93m1\u001b[0m:\u001b[93m2\u001b[0m - \u001b[91merror\u001b[0m TS1: no\n",
      ["/w/src/a.ts:3:5 error TS2304: Cannot find name 'x'.", '/w/src/b.ts:1:2 error TS1: no'],
    ],
    [
      'as rustc does, with the place below',
      'error[E0425]: cannot find value `x`\n --> src/main.rs:2:5\n  |\nwarning: unused\n  --> src/lib.rs:1:1\n',
      ['/w/src/main.rs:2:5 error cannot find value `x`', '/w/src/lib.rs:1:1 warning unused'],
    ],
    ['as javac does', 'A.java:3: error: no\n x\n ^\n', ['/w/A.java:3:2 error no']],
    ['nothing', 'done at 12:30:15: fine\nhttp://localhost:80:80: x\n', []],
  ]);
});
