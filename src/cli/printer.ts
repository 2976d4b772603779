/** What goes to the terminal: events for scripts, or prefixed lines for people. */

import { stripVTControlCharacters, styleText } from 'node:util';
import type { InstanceView, RuntimeEvent } from '../core/model.ts';
import type { DoorRequest, Line } from '../core/outside.ts';
import { inWords } from '../core/topology/dependencies.ts';
import { inTerminal } from './terminal-words.ts';

export interface Printer {
  event(event: RuntimeEvent): void;
  /** An instance is another than it was. */
  instance(view: InstanceView): void;
  lines(instance: string, lines: readonly Line[]): void;
  request(request: DoorRequest): void;
  /** Prints the last event and resolves when all has been handed to the reader. */
  last(event: RuntimeEvent): Promise<void>;
}

/** One JSON object a line on stdout, and nothing else there. */
export function createJsonPrinter(): Printer {
  const write = (event: RuntimeEvent): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
  const now = (): string => new Date().toISOString();
  return {
    event: write,
    instance: () => undefined,
    lines(instance, lines) {
      const at = now();
      let text = '';
      for (const line of lines) {
        text += `${JSON.stringify({ at, event: 'log', instance, stream: line.stream, line: line.text })}\n`;
      }
      process.stdout.write(text);
    },
    request: (request) =>
      write({
        at: now(),
        event: 'request',
        ...request,
        service: request.service ?? '',
        ms: Math.round(request.ms * 10) / 10,
      }),
    last: (event) => new Promise((done) => process.stdout.write(`${JSON.stringify(event)}\n`, () => done())),
  };
}

const colours = ['cyan', 'magenta', 'green', 'yellow', 'blue'] as const;

/** How a build ended by itself is the last line of what it printed. */
function buildWords({ title, outcome }: Extract<RuntimeEvent, { event: 'build' }>): string | undefined {
  if (outcome === 'started') return `${title} …`;
  return outcome === 'cancelled' ? `${title}: called off` : undefined;
}

/** Why it is in its state, but for what its fault has said; `told` is that fault's message. */
function newsIn(reason = '', told = ''): string {
  const known = reason.indexOf(': ');
  const isOf = (part: string): boolean => part !== '' && told.includes(part);
  if (reason === '' || isOf(reason)) return '';
  // "gave up after 4 starts" is news, whatever they ended with.
  return `: ${known > 0 && isOf(reason.slice(known + 2)) ? reason.slice(0, known) : reason}`;
}

/** Lines with the instance's name in front, in a column as wide as the longest of `names`, and what happens in between in plain words. */
export function createPeoplePrinter(names: readonly string[] = []): Printer {
  const said = new Map<string, string>();
  const waiting = new Map<string, string>();
  const given = new Map<string, (typeof colours)[number]>();
  let width = Math.max(8, ...names.map((name) => name.length));
  const prefix = (instance: string): string => {
    const colour = given.get(instance) ?? colours[given.size % colours.length] ?? 'cyan';
    given.set(instance, colour);
    width = Math.max(width, instance.length);
    return styleText(colour, `${instance.padEnd(width)} |`, { stream: process.stdout });
  };
  const say = (instance: string, text: string): void =>
    void process.stdout.write(`${prefix(instance)} ${text}\n`);
  const colourful = process.stdout.isTTY && process.stdout.hasColors();
  return {
    event(event) {
      switch (event.event) {
        case 'state': {
          const where = event.to === 'RUNNING' && event.port !== undefined ? ` on port ${event.port}` : '';
          const why = newsIn(event.reason, said.get(event.instance));
          say(event.instance, styleText('bold', `${event.to}${where}${why}`, { stream: process.stdout }));
          break;
        }
        case 'fault':
          // A retry that fails alike has nothing to add; that it failed again is said by its state.
          if (said.get(event.instance ?? event.service ?? '') === event.message) break;
          said.set(event.instance ?? event.service ?? '', event.message);
          process.stderr.write(
            `${styleText('red', event.code, { stream: process.stderr })}: ${event.message}\n`,
          );
          for (const { file, line, column } of event.places)
            process.stderr.write(`  at ${file}:${line}:${column}\n`);
          for (const { severity, message, place } of event.findings ?? [])
            process.stderr.write(`  ${place.file}:${place.line}:${place.column}: ${severity}: ${message}\n`);
          if (event.hint !== undefined)
            process.stderr.write(
              `  ${inTerminal(event.hint, event.instance ?? event.service).replaceAll('\n', '\n  ')}\n`,
            );
          break;
        case 'build': {
          const words = buildWords(event);
          if (words !== undefined) say(event.instance, styleText('bold', words, { stream: process.stdout }));
          break;
        }
        case 'listening':
          process.stdout.write(
            `${event.what === 'front-door' ? 'Everything' : event.what} is at ${event.url}\n`,
          );
          break;
        case 'ready':
          process.stdout.write('Everything that was told to start is running.\n');
          break;
        case 'config':
        case 'port':
        case 'log':
        case 'request':
        case 'stopped':
          break;
      }
    },
    instance({ name, waitingFor = [] }) {
      const text = waitingFor.length === 0 ? '' : `waiting for ${inWords(waitingFor)}`;
      // Much else of an instance changes while it waits.
      if (text !== '' && waiting.get(name) !== text) say(name, text);
      waiting.set(name, text);
    },
    lines(instance, lines) {
      const head = prefix(instance);
      process.stdout.write(
        lines.map(({ text }) => `${head} ${colourful ? text : stripVTControlCharacters(text)}\n`).join(''),
      );
    },
    request: () => undefined,
    last: (event) =>
      new Promise((done) => {
        const text = event.event === 'stopped' && event.clean ? 'Everything has stopped.\n' : 'Stopped.\n';
        process.stdout.write(text, () => done());
      }),
  };
}
