/** An `app.yaml` while it is read: what is known around it, and what is known of it. */

import type { Problem } from '../../../faults/fault.ts';
import type { Spelling } from '../../appengine.ts';
import type { Sound } from '../../check.ts';
import type { ConfigFile, LoadInput } from '../../input.ts';
import type { At, MapTree } from '../../tree.ts';
import type { ChosenRuntime, Launching } from './runtime.ts';
import type { RawAppYaml } from './schema.ts';

export interface AppYamlAround {
  readonly input: LoadInput;
  readonly problems: Problem[];
  /** Collects the absolute paths of further files that were read. */
  readonly files: string[];
  /** Collects those of what was looked for. */
  readonly consulted: string[];
  /** What is laid over it says itself. */
  readonly launching?: Launching;
}

/** What stands in the file, as far as it can be used. */
export type Raw = Sound<RawAppYaml>;

export interface Reading {
  readonly tree: MapTree;
  readonly raw: Raw;
  readonly file: ConfigFile;
  /** Where the file begins. */
  readonly first: At;
  readonly chosen: ChosenRuntime;
  readonly around: AppYamlAround;
}

/** How an `app.yaml` spells our keys. */
export const theirs: Spelling = {
  prefix: '',
  of: (key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
};
