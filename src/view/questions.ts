/** What a person is asked for before an order, and which answers make sense. */

import { english, type Translate } from './words.ts';

export interface SignalChoice {
  /** Without `SIG`. */
  readonly name: string;
  readonly use: string;
}

/** The most useful first. */
export function signalChoices(t: Translate = english): readonly SignalChoice[] {
  return [
    { name: 'HUP', use: t('most servers read their configuration again') },
    { name: 'USR1', use: t('whatever the program makes of it: often, open the logs again') },
    { name: 'USR2', use: t('whatever the program makes of it: often, restart gracefully') },
    { name: 'INT', use: t('as Ctrl+C in a terminal') },
    { name: 'TERM', use: t('asks it to end; what happens then is up to its restart policy') },
    { name: 'QUIT', use: t('asks it to end: often gracefully, or with a dump') },
    { name: 'WINCH', use: t('often, finish what is under way and take nothing new') },
    { name: 'STOP', use: t('holds it until it gets CONT') },
    { name: 'CONT', use: t('lets it go on after STOP') },
    { name: 'KILL', use: t('ends it at once, with no chance to clean up') },
  ];
}

/** More is a slip of the fingers on any machine we know. */
const mostInstances = 100;

/** Why a text is no number of instances, or undefined when it is. */
export function instancesProblem(text: string, t: Translate = english): string | undefined {
  const isNumber = /^\s*\d+\s*$/.test(text);
  const value = Number(text);
  return isNumber && value >= 1 && value <= mostInstances
    ? undefined
    : t('A whole number from 1 to {0}, please.', mostInstances);
}

/** Why a text cannot be sent as one line, or undefined when it can. */
export function inputProblem(text: string, t: Translate = english): string | undefined {
  return text.includes('\0') ? t('A line cannot hold a zero byte.') : undefined;
}
