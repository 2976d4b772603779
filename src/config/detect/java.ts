/** Java: what the build file of a project says it is made with. */

import type { Folder } from './folder.ts';
import { onlyWorks } from './jobs.ts';
import { handshakeBy, type Proposal, proposing } from './proposal.ts';

const proposal = proposing('java');

const gradleFiles = ['build.gradle', 'build.gradle.kts'];

export function javaServices(folder: Folder, windows: boolean): readonly Proposal[] {
  const pom = folder.text('pom.xml');
  if (pom !== undefined) return maven(folder, pom, wrapper(folder, 'mvnw', 'mvn', windows));
  for (const file of gradleFiles) {
    const text = folder.text(file);
    if (text !== undefined) return gradle(file, text, wrapper(folder, 'gradlew', 'gradle', windows));
  }
  const files = javaFiles(folder);
  return files.length === 0 ? onlyJar(folder) : sources(folder, files);
}

/** Where there may be no end to folders. */
const mostFolders = 60;

/** Sources without a build file: the recipe compiles and packs them, and begins with this one. */
function sources(folder: Folder, files: readonly string[]): readonly Proposal[] {
  const all = files.map((path) => ({ path, text: folder.text(path) ?? '' }));
  const found = all.filter(({ text }) => hasMain(text));
  const main = found.find(({ path }) => isUsualMain(path)) ?? found[0];
  if (main === undefined) return [];
  // Those of one package are used without being imported.
  const text = all.map((each) => each.text).join('\n');
  const ownText = (name: string): string | undefined =>
    all.find(({ path }) => path.endsWith(`/${name.replaceAll('.', '/')}.java`))?.text;
  return proposal('java', `java ${main.path}`, `${main.path} has a main method`, {
    ...handshakeBy(main.text, onlyWorks('java', text, ownText)),
    leaveUnsaid: true,
  });
}

/** A program that was built elsewhere. What it does, nobody reads out of it. */
function onlyJar(folder: Folder): readonly Proposal[] {
  const [jar, second] = folder.names().filter((name) => name.endsWith('.jar'));
  const isLibrary = /[\\/]libs?$/.test(folder.path);
  if (jar === undefined || second !== undefined || isLibrary || folder.isFolder('src')) return [];
  // It is looked after, as all that a service is proposed for.
  folder.has(jar);
  const word = /\s/.test(jar) ? `'${jar}'` : jar;
  return proposal('app', `java -jar ${word}`, `${jar} is the only jar`, {
    handshake: 'discover',
    sure: false,
  });
}

/** Whether a source has what a program begins with. */
export function hasMain(text: string): boolean {
  return /\bstatic\s+(?:final\s+)?void\s+main\s*\(/.test(text);
}

/** Whether a file is called as one with which programs begin. */
export function isUsualMain(path: string): boolean {
  return /(?:^|[\\/])(?:Main|App|Application|Server)\.java$/.test(path);
}

/** In the folder itself, and below `src`. */
function javaFiles(folder: Folder): readonly string[] {
  const files = folder.names().filter((name) => name.endsWith('.java'));
  const below = folder.isFolder('src') ? ['src'] : [];
  for (let at = 0; at < below.length && at < mostFolders; at += 1) {
    const path = below[at] ?? '';
    for (const name of folder.names(path)) {
      const inside = `${path}/${name}`;
      if (name.endsWith('.java')) files.push(inside);
      else if (inside !== 'src/test' && !name.includes('.') && folder.isFolder(inside)) below.push(inside);
    }
  }
  return files;
}

export function isSpringBoot(folder: Folder): boolean {
  return ['pom.xml', ...gradleFiles].some((file) => /spring-boot/.test(folder.text(file) ?? ''));
}

function wrapper(folder: Folder, own: string, other: string, windows: boolean): string {
  if (windows) return folder.has(`${own}.cmd`) || folder.has(`${own}.bat`) ? `.\\\\${own}` : other;
  return folder.has(own) ? `./${own}` : other;
}

function maven(folder: Folder, pom: string, mvn: string): readonly Proposal[] {
  // What only holds modules is run by them.
  if (/<packaging>\s*pom\s*<\/packaging>/.test(pom)) return [];
  if (pom.includes('quarkus-maven-plugin'))
    return proposal('quarkus', `${mvn} quarkus:dev -Dquarkus.http.port={port}`, 'pom.xml asks for Quarkus');
  if (pom.includes('spring-boot-maven-plugin'))
    return proposal(
      'spring',
      `${mvn} spring-boot:run -Dspring-boot.run.arguments=--server.port={port}`,
      'pom.xml asks for Spring Boot',
    );
  if (pom.includes('jetty-maven-plugin'))
    return proposal('jetty', `${mvn} jetty:run -Djetty.http.port={port}`, 'pom.xml asks for Jetty');
  const jar = jarOf(pom);
  const main = /<(?:mainClass|Main-Class)>\s*([\w.$]+)\s*</.exec(pom)?.[1];
  if (jar === undefined || main === undefined) return [];
  // The recipe has it packed.
  return proposal(
    'app',
    `java -jar ${jar}`,
    `pom.xml makes a jar that begins with ${main}`,
    handshakeBy(folder.text(`src/main/java/${main.replaceAll('.', '/')}.java`)),
  );
}

/** Where Maven puts what it packs, by its `pom.xml`. */
export function jarOf(pom: string): string | undefined {
  // What stands in these says who else is there, and not what this is.
  const own = pom.replaceAll(
    /<(parent|dependencies|dependencyManagement|build|profiles)>[\s\S]*?<\/\1>/g,
    '',
  );
  const build = /<build>[\s\S]*?<\/build>/.exec(pom)?.[0] ?? '';
  const final = /<finalName>\s*([^<$]+?)\s*<\/finalName>/.exec(
    build.replaceAll(/<plugins>[\s\S]*<\/plugins>/g, ''),
  )?.[1];
  const artifact = /<artifactId>\s*([^<$]+?)\s*<\/artifactId>/.exec(own)?.[1];
  const version =
    /<version>\s*([^<$]+?)\s*<\/version>/.exec(own)?.[1] ??
    /<parent>[\s\S]*?<version>\s*([^<$]+?)\s*<\/version>/.exec(pom)?.[1];
  if (final !== undefined) return `target/${final}.jar`;
  return artifact === undefined || version === undefined ? undefined : `target/${artifact}-${version}.jar`;
}

function gradle(file: string, text: string, command: string): readonly Proposal[] {
  if (/io\.quarkus\b/.test(text))
    return proposal(
      'quarkus',
      `${command} quarkusDev -Dquarkus.http.port={port}`,
      `${file} asks for Quarkus`,
    );
  if (/org\.springframework\.boot\b/.test(text))
    return proposal(
      'spring',
      `${command} bootRun --args=--server.port={port}`,
      `${file} asks for Spring Boot`,
    );
  if (/\bid\s*\(?\s*["']application["']|apply plugin:\s*["']application["']|^\s*application\s*$/m.test(text))
    return proposal('app', `${command} run`, `${file} makes an application`, { handshake: 'discover' });
  return [];
}
