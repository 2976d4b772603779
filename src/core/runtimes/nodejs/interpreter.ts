/**
 * Finds the Node that a service runs with: the one its file names, one of the version its project asks for, else that of
 * the PATH.
 */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { bestInstalled } from '../common/installed.ts';
import { isPath } from '../common/line.ts';
import { otherVersion, unfit, wrongVersion } from '../common/unfit.ts';
import { isWithin, readVersion, type Version, type Wish, written } from '../common/version.ts';
import type { Aims, Look, Unfit } from '../recipe.ts';
import { nodeStores } from './stores.ts';
import { wishOf } from './wishes.ts';

export interface NodeFound {
  readonly program: string;
  /** Folders to put before the PATH so that it is what `node` means. */
  readonly path: readonly string[];
  /** The file names it. */
  readonly named: boolean;
  readonly warnings: readonly string[];
}

export async function findNode(spec: ServiceSpec, look: Look, aims: Aims): Promise<NodeFound | Unfit> {
  if (spec.interpreter !== undefined) return findNamed(spec.interpreter, spec, look);
  const wish = await wishOf(spec, look);
  // Where the service sets a PATH of its own, that is what counts.
  const free = spec.env['PATH'] === undefined;
  if (wish?.chooses === true && free) {
    const installed = await installedOf(wish, look, aims);
    if (installed !== undefined) return installed;
  }
  const found = await look.program(['node', 'nodejs']);
  if (found.kind === 'nowhere') {
    const installed = wish === undefined || !free ? undefined : await installedOf(wish, look, aims);
    return installed ?? missingNode(found.looked, wish);
  }
  const plain: NodeFound = { program: found.path, path: [], named: false, warnings: [] };
  if (wish === undefined || !free) return plain;
  const version = await versionOf(found.path, spec, look);
  if (version === undefined || isWithin(version, wish.range)) return plain;
  const at = { version, path: found.path };
  if (wish.chooses) return wrongVersion('Node', at, wish, wayTo(wish));
  const installed = await installedOf(wish, look, aims);
  return installed ?? { ...plain, warnings: [otherVersion('Node', at, wish)] };
}

async function findNamed(name: string, { cwd }: ServiceSpec, look: Look): Promise<NodeFound | Unfit> {
  const wanted = isPath(name) ? resolvePath(cwd, name) : name;
  const found = await look.program([wanted]);
  if (found.kind === 'found') {
    return { program: found.path, path: [folderOf(found.path)], named: true, warnings: [] };
  }
  const params = {
    what: 'The Node that "interpreter" names',
    programs: [wanted],
    looked: found.looked,
    install: 'Correct "interpreter", or remove it: then Node is looked for.',
  };
  return unfit({ code: 'missing-program', params }, 'interpreter');
}

async function installedOf(wish: Wish, look: Look, aims: Aims): Promise<NodeFound | undefined> {
  const program = aims.windows ? 'node.exe' : 'node';
  const best = await bestInstalled(look, nodeStores(look, aims), program, wish.range);
  if (best === undefined) return undefined;
  return { program: best.program, path: [best.bin], named: false, warnings: [] };
}

/** Asked where the service runs, because the shims of version managers answer by their folder. */
async function versionOf(program: string, { cwd }: ServiceSpec, look: Look): Promise<Version | undefined> {
  const told = await look.ask([program, '--version'], { cwd });
  return told?.exit.code === 0 ? readVersion(told.stdout) : undefined;
}

function missingNode(looked: readonly string[], wish: Wish | undefined): Unfit {
  const install =
    wish === undefined
      ? 'Install Node.js from https://nodejs.org, or with your version manager.'
      : wayTo(wish);
  const params = { what: 'Node.js', programs: ['node'], looked, install };
  return unfit({ code: 'missing-program', params }, 'command', wish === undefined ? [] : [wish.place]);
}

/** How a Node of this version is got. */
function wayTo({ range, text }: Wish): string {
  const lowest = range[0]?.find(({ relation }) => relation === '=' || relation === '>=')?.version;
  const version = lowest === undefined ? text : written(lowest);
  return `Run "nvm install ${version}" (or fnm, volta, asdf, mise: whichever you use), or name a Node with "interpreter".`;
}
