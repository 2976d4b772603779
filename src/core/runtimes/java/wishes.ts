/** Which Java a project's own files ask for. */

import { resolvePath } from '../../../base/path.ts';
import {
  firstWord,
  nearestText,
  type NearbyText,
  placeAt,
  toolVersion,
  upwardsWithin,
} from '../common/nearby.ts';
import type { Wish } from '../common/version.ts';
import type { Look } from '../recipe.ts';

export interface JavaWish {
  readonly wish: Wish;
  readonly major: number;
  /** The folder below the home in which a version manager keeps what the file names, by its very words. */
  readonly kept?: string;
}

export async function wishesFor(cwd: string, look: Look): Promise<readonly JavaWish[]> {
  const folders = upwardsWithin(cwd, look.folder);
  const sdkman = await nearestText(look, folders, '.sdkmanrc');
  const jenv = await nearestText(look, folders, '.java-version');
  const asdf = await nearestText(look, folders, '.tool-versions');
  const pom = await look.text(resolvePath(cwd, 'pom.xml'));
  return [
    ...wish(sdkman, sdkman === undefined ? undefined : valueIn(sdkman, /^[ \t]*java[ \t]*=[ \t]*(\S+)/mu), {
      by: '.sdkmanrc',
      kept: '.sdkman/candidates/java',
    }),
    ...wish(jenv, jenv === undefined ? undefined : firstWord(jenv), {
      by: '.java-version',
      kept: '.jenv/versions',
    }),
    ...wish(asdf, asdf === undefined ? undefined : toolVersion(asdf, ['java']), {
      by: '.tool-versions',
      kept: '.asdf/installs/java',
    }),
    ...(pom === undefined ? [] : fromPom({ path: resolvePath(cwd, 'pom.xml'), text: pom })),
  ];
}

interface Word {
  readonly word: string;
  readonly at: number;
}

function valueIn({ text }: NearbyText, pattern: RegExp): Word | undefined {
  const match = pattern.exec(text);
  if (match?.[1] === undefined) return undefined;
  return { word: match[1], at: match.index + match[0].lastIndexOf(match[1]) };
}

function wish(
  file: NearbyText | undefined,
  found: Word | undefined,
  { by, kept }: { readonly by: string; readonly kept?: string },
): readonly JavaWish[] {
  const major = found === undefined ? undefined : majorOf(found.word);
  if (file === undefined || found === undefined || major === undefined) return [];
  return [
    {
      wish: {
        range: [[{ relation: '>=', version: [major] }]],
        text: found.word,
        by,
        place: placeAt(file, found.at),
        chooses: kept !== undefined,
      },
      major,
      ...(kept === undefined ? {} : { kept }),
    },
  ];
}

/** What the compiler is told to make classes for; an older Java can neither make nor run them. */
function fromPom(pom: NearbyText): readonly JavaWish[] {
  for (const name of [
    'maven.compiler.release',
    'maven.compiler.target',
    'release',
    'target',
    'java.version',
  ]) {
    const tag = name.replaceAll('.', String.raw`\.`);
    const found = valueIn(pom, new RegExp(String.raw`<${tag}>\s*([\d.]+)\s*</${tag}>`, 'u'));
    if (found !== undefined) return wish(pom, found, { by: 'pom.xml' });
  }
  return [];
}

/** `17`, `17.0.7-tem`, `openjdk64-11.0.2`, `1.8`. */
function majorOf(word: string): number | undefined {
  const match = /(?:^|-)(\d+)(?:\.(\d+))?/u.exec(word);
  if (match?.[1] === undefined) return undefined;
  return Number(match[1] === '1' ? (match[2] ?? 1) : match[1]);
}
