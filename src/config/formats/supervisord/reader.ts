/**
 * The options of one section: expanded, converted, and complained of at their places.
 *
 * Every option is looked at, so that a person sees all that is wrong and not just what Supervisor would stop at.
 */

import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import type { At } from '../../tree.ts';
import { repr } from '../python/repr.ts';
import { expand, type Expansion, type Names } from './expand.ts';
import type { IniEntry } from './ini.ts';
import type { Section } from './sections.ts';
import { type Convert, Unfit } from './types.ts';

export class SectionReader {
  readonly section: Section;
  readonly #problems: Problem[];
  readonly #names: Names;
  readonly #seen = new Set<string>();
  #failed = false;

  constructor(section: Section, names: Names, problems: Problem[]) {
    this.section = section;
    this.#names = names;
    this.#problems = problems;
  }

  /** Something was refused, so that what the section defines cannot be had. */
  get failed(): boolean {
    return this.#failed;
  }

  entry(option: string): IniEntry | undefined {
    return this.section.entries.get(option);
  }

  /** Where an option's value stands, else the section's name. */
  at(option: string): At {
    return this.entry(option)?.at ?? this.section.at;
  }

  /** The option's value, `fallback` where there is none or a wrong one. */
  get<T, F>(option: string, convert: Convert<T>, fallback: F): T | F {
    const entry = this.entry(option);
    if (entry === undefined) return fallback;
    const text = this.expanded(option, expand(entry, this.#names, `${this.section.name}.${option}`));
    return text === undefined ? fallback : (this.converted(option, text, convert) ?? fallback);
  }

  /** The text of an expansion; a refusal where there is none. */
  expanded(option: string, expansion: Expansion): string | undefined {
    if ('text' in expansion) return expansion.text;
    this.refuse(option, expansion.wrong, expansion.hint);
    return undefined;
  }

  converted<T>(option: string, text: string, convert: Convert<T>): T | undefined {
    try {
      return convert(text);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      const { message, takes } = error;
      this.refuse(option, message, takes === undefined ? undefined : `"${option}" takes ${takes}.`);
      return undefined;
    }
  }

  /** In Supervisor's words, to which it adds the section and the file. */
  refuse(option: string | undefined, reason: string, hint?: string): void {
    this.#failed = true;
    const { name, at } = this.section;
    const text = `${reason} in section ${repr(name)} (file: ${repr(at.file)})`;
    this.#say(problem('supervisord-error', option === undefined ? at : this.at(option), { text, hint }));
  }

  /** Wrong, but nothing to leave the rest out for. */
  accuse(option: string, text: string, hint?: string): void {
    this.#say(problem('supervisord-error', this.at(option), { text, hint }));
  }

  /** What Supervisor warns of, in its words. */
  warn(option: string, text: string): void {
    this.#say(problem('supervisord-warning', this.at(option), { text }));
  }

  /** What is done otherwise here. */
  differ(option: string, reason: string, hint?: string): void {
    this.#say(problem('supervisord-differs', this.at(option), { key: option, reason, hint }));
  }

  /** The processes of one section have their mistakes in common. */
  #say(each: Problem): void {
    const key = JSON.stringify(each);
    if (!this.#seen.has(key)) this.#problems.push(each);
    this.#seen.add(key);
  }
}
