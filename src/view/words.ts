/**
 * How texts for people pass through translation without this room knowing who translates.
 *
 * The editor hands in its own `l10n.t`; the terminal and the tests speak English.
 */

/** Fills `{0}`, `{1}` … of an English sentence, or of its translation. */
export type Translate = (sentence: string, ...values: (string | number)[]) => string;

export const english: Translate = (sentence, ...values) =>
  sentence.replace(/\{(\d+)\}/g, (hole, index: string) => String(values[Number(index)] ?? hole));
