/** Which go command builds a service, and whether it can (spec 4.7, RT-24). */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { isPath, programName } from '../common/line.ts';
import { isUnfit, unfit, wrongVersion } from '../common/unfit.ts';
import { isWithin, readVersion, type Version } from '../common/version.ts';
import type { Found, Look, Unfit } from '../recipe.ts';
import { goPage } from './failure.ts';
import { type GoModule, goPath, refusedBy } from './module.ts';

const install =
  'Install Go from https://go.dev/dl/ (or your system’s package "golang-go"), or name the go command with "interpreter".';

/** Where installers put it, for an editor that was started without a shell's PATH. */
const usual = [
  '/usr/local/go/bin/go',
  '/opt/homebrew/bin/go',
  '/usr/local/bin/go',
  '/usr/lib/go/bin/go',
  '/snap/bin/go',
  String.raw`C:\Program Files\Go\bin\go.exe`,
];

/** @param word The go command as the service writes it: `go`, `go1.22.1`, or a path. */
export async function findGo(
  service: Pick<ServiceSpec, 'name' | 'cwd' | 'interpreter'>,
  look: Look,
  word = 'go',
): Promise<string | Unfit> {
  const { cwd, interpreter } = service;
  const named = isPath(word) || programName(word) !== 'go' ? word : (interpreter ?? 'go');
  if (isPath(named)) return (await pathOf(look, [resolvePath(cwd, named)])) ?? missing(named, []);
  const goroot = look.env['GOROOT'] ?? '';
  const chosen = look.chosen('go');
  const bins = goPath(look).map((path) => resolvePath(path, 'bin'));
  if (named !== 'go') {
    const found = await look.program([named], bins);
    return found.kind === 'found' ? found.path : missing(named, found.looked);
  }
  const before = goroot === '' ? [] : [resolvePath(goroot, 'bin')];
  if (before.length > 0) {
    const own = await pathOf(look, [`${before[0] ?? ''}/go`, `${before[0] ?? ''}/go.exe`]);
    if (own !== undefined) return own;
  }
  if (chosen !== undefined) {
    const selected = await pathOf(look, [chosen]);
    if (selected !== undefined) return selected;
  }
  const found: Found = await look.program(['go']);
  if (found.kind === 'found') return found.path;
  return (await pathOf(look, usual)) ?? missing('go', [...before, ...found.looked, ...usual.map(folderOf)]);
}

async function pathOf(look: Look, paths: readonly string[]): Promise<string | undefined> {
  const found = await look.program(paths);
  return found.kind === 'found' ? found.path : undefined;
}

function missing(named: string, looked: readonly string[]): Unfit {
  const params = { what: 'Go', programs: [named], looked: [...new Set(looked)], install };
  const answer = goPage('go not found.\nNo such file or directory');
  return { ...unfit({ code: 'missing-program', params }, isPath(named) ? 'interpreter' : 'command'), answer };
}

/**
 * Why this go command is sure not to build it: a `GOROOT` in which nothing is, or a `go.mod` for a later one. Since 1.21
 * the go command fetches what `go.mod` asks for by itself, unless `GOTOOLCHAIN` forbids it.
 */
export async function unfitGo(
  service: Pick<ServiceSpec, 'name'>,
  look: Look,
  go: string,
  module: GoModule | undefined,
): Promise<Unfit | undefined> {
  const wrongRoot = await unfitRoot(service, look);
  if (wrongRoot !== undefined || module === undefined) return wrongRoot;
  const version = await versionOf(look, go);
  if (version === undefined) return undefined;
  const wish = refusedBy(version, module);
  if (wish === undefined || isWithin(version, wish.range)) return undefined;
  const fetches = (version[0] ?? 0) > 1 || (version[1] ?? 0) >= 21;
  if (fetches && !(await isLocal(look, go))) return undefined;
  const refusal = wrongVersion('Go', { version, path: go }, wish, install);
  return isUnfit(refusal) ? refusal : undefined;
}

/** Asked in its own folder: in the module's, the go command might begin to fetch another one. */
async function versionOf(look: Look, go: string): Promise<Version | undefined> {
  const told = await look.ask([go, 'version'], { cwd: folderOf(go) });
  return readVersion(/\bgo(\d+(?:\.\d+)*)/u.exec(told?.stdout ?? '')?.[1] ?? '');
}

async function isLocal(look: Look, go: string): Promise<boolean> {
  const told = await look.ask([go, 'env', 'GOTOOLCHAIN'], { cwd: folderOf(go) });
  return told?.stdout.trim() === 'local';
}

/** The reference's texts for an SDK in which something is missing; here it is what `GOROOT` names. */
async function unfitRoot({ name }: Pick<ServiceSpec, 'name'>, look: Look): Promise<Unfit | undefined> {
  const goroot = look.env['GOROOT'] ?? '';
  if (goroot === '') return undefined;
  const refuse = (text: string, way: string): Unfit => ({
    ...unfit({ code: 'unfit', params: { service: name, text, way } }, 'env'),
    answer: goPage(text),
  });
  const way = `GOROOT names ${goroot}: let it name a whole installation of Go, or do not set it.`;
  if ((await look.kind(goroot)) !== 'folder') {
    return refuse('Required Go components are missing from the SDK.', way);
  }
  const tools = resolvePath(goroot, 'pkg/tool');
  const inTools = await Promise.all(
    (await look.names(tools)).map((platform) => look.names(resolvePath(tools, platform))),
  );
  if (!inTools.some((names) => names.some((each) => programName(each) === 'compile'))) {
    return refuse(`No known compiler found in goroot (${goroot})`, way);
  }
  if ((await look.kind(resolvePath(goroot, 'src'))) !== 'folder') {
    return refuse(`No package path found in goroot (${goroot})`, way);
  }
  return undefined;
}
