/** Puts text into HTML so that it stays text. Whatever a page shows goes through here. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** HTML that was made by us; everything else is text. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | undefined | readonly Html[];

/** Text between tags, or in a quoted attribute. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => entities[character] ?? '');
}

/** A template (not named `html`: formatters would move its spaces) whose values are escaped unless they are HTML already. `undefined` leaves nothing. */
export function markup(parts: TemplateStringsArray, ...values: readonly Part[]): Html {
  return {
    html: parts.map((part, index) => (index === 0 ? '' : textOf(values[index - 1])) + part).join(''),
  };
}

function textOf(value: Part): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  if ('html' in value) return value.html;
  return value.map((item) => item.html).join('');
}
