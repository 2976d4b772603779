/** Makes the virtual environment of an App Engine application, and installs what it asks for (RT-10, RT-11). */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { endingOf, typed } from '../failed-step.ts';
import { unwritten } from '../own-build.ts';
import type { Aims, Build, BuildStep } from '../recipe.ts';

export interface EnvironmentOrder {
  /** The interpreter that it is made of. */
  readonly python: string;
  /** Nobody wrote an entrypoint, so that gunicorn has to be in it. */
  readonly isDefault: boolean;
  /** The file, if there is one. */
  readonly requirements?: string;
}

export function environmentFolder({ workFolder }: Pick<Aims, 'workFolder'>): string {
  return resolvePath(workFolder, 'environment');
}

/**
 * `python3 -m venv`, else `virtualenv`. Then, without an entrypoint, a file of requirements of ours: the application's
 * by its own path, so that what it names by paths of its own is still found, and gunicorn.
 */
const makes = `
import os, shutil, subprocess, sys
python, folder, ours, theirs = sys.argv[1:5]
if os.path.exists(folder):
    print("dependencies changed", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
if subprocess.call([python, "-m", "venv", folder]) != 0:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        code = subprocess.call(["virtualenv", folder])
    except OSError as error:
        print("virtualenv:", error.strerror, file=sys.stderr)
        code = 1
    if code != 0:
        shutil.rmtree(folder, ignore_errors=True)
        sys.exit("Cannot create virtualenv " + folder)
if ours:
    with open(ours, "w", encoding="utf-8") as file:
        file.write(("-r " + theirs + "\\n" if theirs else "") + "gunicorn\\n")
`.trim();

export function environmentBuild(
  spec: Pick<ServiceSpec, 'name' | 'cwd'>,
  aims: Pick<Aims, 'workFolder' | 'windows'>,
  { python, isDefault, requirements }: EnvironmentOrder,
): Build {
  const folder = environmentFolder(aims);
  const program = resolvePath(folder, aims.windows ? 'Scripts/python.exe' : 'bin/python');
  const ours = isDefault ? resolvePath(aims.workFolder, 'requirements.txt') : '';
  const file = isDefault ? ours : requirements;
  const pip = (...args: readonly string[]): BuildStep => ({
    argv: [program, '-m', 'pip', 'install', ...args],
    cwd: spec.cwd,
  });
  const make: BuildStep = {
    argv: [python, '-c', makes, python, folder, ours, requirements ?? ''],
    told: typed({ argv: [python, '-m', 'venv', folder] }),
    cwd: spec.cwd,
  };
  return {
    id: 'python environment',
    title: file === undefined ? 'python -m venv' : 'pip install',
    // Where nothing is asked for, nobody has to be asked: pip stays as it came, and the machine may be offline.
    steps: file === undefined ? [make] : [make, pip('--upgrade', 'pip'), pip('-r', file)],
    makes: [program],
    inputs: {
      root: spec.cwd,
      paths: ['**/*requirements.txt'],
      ignore: [...unwritten, ...['.venv', 'venv', 'env'].map((name) => `**/${name}/**`)],
      beside: [python],
    },
    failure: (failed) => ({
      ending: endingOf(failed),
      text:
        failed.step === make ? `Cannot create virtualenv ${folder}` : `Failed to run "${typed(failed.step)}"`,
    }),
  };
}
