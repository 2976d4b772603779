/** Tells a story in plain text, for clients that are not browsers. */

import type { Story } from './situation.ts';
import { clipped, plainText } from './terminal.ts';

export function textOf(story: Story): string {
  return `${[...opening(story), ...instances(story), ...lastWords(story)].join('\n')}\n`;
}

function opening(story: Story): readonly string[] {
  const state = story.exit === undefined ? story.state : `${story.state}, ${story.exit}`;
  return [
    `${story.headline} (${state}).`,
    ...paragraph(story.reason),
    ...paragraph(story.sentence),
    ...paragraph(story.hint),
    ...paragraph(story.next),
  ];
}

function instances(story: Story): readonly string[] {
  if (story.instances.length === 0) return [];
  const width = Math.max(...story.instances.map(({ name }) => name.length));
  return [
    '',
    ...story.instances.map(({ name, state, detail }) =>
      `${name.padEnd(width)}  ${state.padEnd(8)}  ${detail === undefined ? '' : plainText([detail])}`.trimEnd(),
    ),
  ];
}

function lastWords({ words }: Story): readonly string[] {
  return words === undefined
    ? []
    : [
        '',
        `Last words${words.instance === undefined ? '' : ` of ${words.instance}`} on ${words.stream}:`,
        plainText(clipped(words.lines)),
      ];
}

function paragraph(text: string | undefined): readonly string[] {
  return text === undefined ? [] : ['', plainText(text.split('\n'))];
}
