/** What a person reads on hovering a node, as Markdown. Made on demand, since it costs more than the node. */

import type { Fault } from '../faults/fault.ts';
import type { InstanceView, ServiceView, Snapshot } from '../protocol/api.ts';
import { formatExit, formatUptime, lastLines } from './format.ts';
import { plainText } from './ansi.ts';
import { reasonOf, type Subject } from './tree.ts';
import { english, type Translate } from './words.ts';

const tailLines = 10;

/** The tooltip of a subject, or undefined once it is no longer there. */
export function tooltipOf(
  snapshot: Snapshot,
  subject: Subject,
  now: number,
  t: Translate = english,
): string | undefined {
  if (subject.kind === 'folder') return escapeMarkdown(snapshot.folder);
  const service = snapshot.services.find((each) => each.name === subject.service);
  if (service === undefined) return undefined;
  if (subject.kind === 'service') return serviceTooltip(service, t);
  const instance = service.instances.find((each) => each.name === subject.instance);
  return instance === undefined ? undefined : instanceTooltip(instance, now, t);
}

function serviceTooltip(service: ServiceView, t: Translate): string {
  const states = service.instances.map((instance) => `${escapeMarkdown(instance.name)} ${instance.state}`);
  return paragraphs([
    `**${escapeMarkdown(service.name)}**`,
    service.url === undefined ? undefined : t('Address: {0}', `<${service.url}>`),
    table([
      [t('Runtime'), service.runtime],
      [t('Handshake'), service.handshake],
      [t('Folder'), service.cwd],
      [t('Group'), service.group],
    ]),
    bullets(states),
    ...service.faults.map((fault) => faultText(fault)),
    service.autostart ? undefined : t('Not started by "Start All Services".'),
  ]);
}

function instanceTooltip(instance: InstanceView, now: number, t: Translate): string {
  const reason = reasonOf(instance, t);
  return paragraphs([
    `**${escapeMarkdown(instance.name)}** ${instance.state}`,
    reason === undefined || reason === instance.fault?.message ? undefined : escapeMarkdown(reason),
    table([
      [t('Process'), instance.pid === undefined ? undefined : String(instance.pid)],
      [
        t('Address'),
        instance.port === undefined ? undefined : `${instance.host ?? '127.0.0.1'}:${instance.port}`,
      ],
      [t('Since'), formatUptime(now - instance.since)],
      [t('Attempt'), instance.attempt === undefined ? undefined : String(instance.attempt)],
      [t('Next try in'), instance.nextTryAt === undefined ? undefined : inSeconds(instance.nextTryAt - now)],
      [t('Last exit'), instance.exit === undefined ? undefined : formatExit(instance.exit, t)],
      [
        t('Debugger'),
        instance.inspector === undefined
          ? undefined
          : `${instance.inspector.host}:${instance.inspector.port}`,
      ],
      [t('Log file'), instance.logFile],
    ]),
    instance.fault === undefined ? undefined : faultText(instance.fault),
    instance.fault?.evidence === undefined
      ? undefined
      : fenced(lastLines(instance.fault.evidence, tailLines)),
  ]);
}

function inSeconds(ms: number): string {
  return `${Math.max(0, Math.ceil(ms / 1000))}s`;
}

function faultText(fault: Fault): string {
  return escapeMarkdown([fault.message, ...(fault.hint === undefined ? [] : [fault.hint])].join(' '));
}

function table(rows: readonly (readonly [string, string | undefined])[]): string | undefined {
  return bullets(
    rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${escapeMarkdown(value)}`])),
  );
}

function bullets(lines: readonly string[]): string | undefined {
  return lines.length === 0 ? undefined : lines.map((line) => `- ${line}`).join('\n');
}

function paragraphs(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n\n');
}

/** A code block that nothing inside can close. */
function fenced(lines: readonly string[]): string {
  const text = lines.map(plainText).join('\n');
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}text\n${text}\n${fence}`;
}

/** A child chooses its own words; none of them becomes a link, an image or a heading in our tooltip. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-!<>|~$&]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}
