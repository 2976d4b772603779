/** Which files are no part of an App Engine application: what its `skip_files` say. Asks for no file. */

import { beginningOf } from '../../../base/python-pattern.ts';
import type { ProjectSpec, ServiceSpec } from '../../../config/spec.ts';

const known = new WeakMap<ProjectSpec, (path: string) => boolean>();

/** Whether a change of this file, by its absolute path, means nothing to the service. */
export function isSkipped({ appengine }: Pick<ServiceSpec, 'appengine'>, path: string): boolean {
  const project = appengine?.project;
  if (appengine === undefined || project === undefined) return false;
  const below = pathBelow(appengine.root, path);
  return below !== undefined && skippedBy(project)(below);
}

/** As the patterns have it: relative, with slashes. */
function pathBelow(root: string, path: string): string | undefined {
  const separator = path.charAt(root.length);
  if (!path.startsWith(root) || (separator !== '/' && separator !== '\\')) return undefined;
  return path.slice(root.length + 1).replaceAll('\\', '/');
}

function skippedBy(project: ProjectSpec): (path: string) => boolean {
  // What is no pattern is told where the file is read.
  const skips = known.get(project) ?? beginningOf(project.skipFiles);
  known.set(project, skips);
  return skips;
}
