/** Which files are no part of an App Engine application: what its `skip_files` say. Asks for no file. */

import { wholePattern } from '../../../base/python-pattern.ts';
import type { ProjectSpec, ServiceSpec } from '../../../config/spec.ts';

const known = new WeakMap<ProjectSpec, readonly RegExp[]>();

/** Whether a change of this file, by its absolute path, means nothing to the service. */
export function isSkipped({ appengine }: Pick<ServiceSpec, 'appengine'>, path: string): boolean {
  const project = appengine?.project;
  if (appengine === undefined || project === undefined) return false;
  const below = pathBelow(appengine.root, path);
  return below !== undefined && patternsOf(project).some((pattern) => pattern.test(below));
}

/** As the patterns have it: relative, with slashes. */
function pathBelow(root: string, path: string): string | undefined {
  const separator = path.charAt(root.length);
  if (!path.startsWith(root) || (separator !== '/' && separator !== '\\')) return undefined;
  return path.slice(root.length + 1).replaceAll('\\', '/');
}

function patternsOf(project: ProjectSpec): readonly RegExp[] {
  const patterns =
    known.get(project) ??
    project.skipFiles.flatMap((text) => {
      // Python matches at the beginning alone; what is no pattern is told where the file is read.
      const pattern = wholePattern(text, '[^]*');
      return 'problem' in pattern ? [] : [pattern];
    });
  known.set(project, patterns);
  return patterns;
}
