/** What a person reads on hovering a node, as Markdown. Made on demand, since it costs more than the node. */

import type { Fault } from '../faults/fault.ts';
import type { GroupView, InstanceView, ServiceView, Snapshot } from '../protocol/api.ts';
import { buildingText } from './building.ts';
import { bullets, escapeMarkdown, fenced, paragraphs, table } from './markdown.ts';
import { notRunText } from './left-out.ts';
import { formatExit, formatUptime, lastLines } from './format.ts';
import { needsOf } from './needs.ts';
import { reasonOf, waitingText } from './reasons.ts';
import type { Subject } from './subject.ts';
import {
  countsText,
  formatRate,
  queueText,
  roleText,
  servingText,
  servicesServingText,
  trafficOf,
  trafficRows,
} from './traffic.ts';
import { treatmentRows } from './treatment.ts';
import { servicesOf } from './tree.ts';
import { english, type Translate } from './words.ts';

const tailLines = 10;
/** What began this long ago has begun just now, in milliseconds. */
const freshMs = 5000;

/** What a tooltip needs beside the snapshot. */
export interface TooltipOptions {
  /** In milliseconds since the epoch. */
  readonly now: number;
  readonly t?: Translate;
  /** Makes the address under which a file can be opened by a click; without it paths are plain text. */
  readonly link?: (path: string) => string;
}

interface Telling extends Required<Pick<TooltipOptions, 'now' | 't'>> {
  readonly file: (path: string | undefined) => string | undefined;
}

/** The tooltip of a subject, or undefined once it is no longer there. */
export function tooltipOf(
  snapshot: Snapshot,
  subject: Subject,
  { now, t = english, link }: TooltipOptions,
): string | undefined {
  const file = (path: string | undefined): string | undefined => {
    if (path === undefined) return undefined;
    const text = escapeMarkdown(path);
    return link === undefined ? text : `[${text}](<${link(path)}>)`;
  };
  const telling = { now, t, file };
  if (subject.kind === 'folder') return escapeMarkdown(snapshot.folder);
  if (subject.kind === 'group') {
    const group = snapshot.groups.find(({ name }) => name === subject.group);
    return group === undefined ? undefined : groupTooltip(group, snapshot, telling);
  }
  const service = snapshot.services.find((each) => each.name === subject.service);
  if (service === undefined) return leftOutTooltip(subject.service, snapshot, telling);
  if (subject.kind === 'service') return serviceTooltip(service, snapshot, telling);
  const instance = service.instances.find((each) => each.name === subject.instance);
  return instance === undefined ? undefined : instanceTooltip(instance, service, telling);
}

function leftOutTooltip(name: string, { leftOut = [] }: Snapshot, { t }: Telling): string | undefined {
  const one = leftOut.find((each) => each.name === name);
  return one && paragraphs([`**${escapeMarkdown(name)}**`, escapeMarkdown(notRunText(one, t))]);
}

function groupTooltip(group: GroupView, snapshot: Snapshot, { t }: Telling): string {
  return paragraphs([
    `**${escapeMarkdown(group.name)}** ${escapeMarkdown(t('group'))}`,
    bullets(servicesOf(group, snapshot).map(statesLine)),
    t('In the order in which they are started. They are stopped from the last to the first.'),
  ]);
}

function statesLine({ name, instances }: ServiceView): string {
  return `${escapeMarkdown(name)} ${instances.map(({ state }) => state).join(', ')}`;
}

function serviceTooltip(service: ServiceView, snapshot: Snapshot, { t }: Telling): string {
  const waiting = waitingText(service.instances, t);
  const needs = needsOf(service, snapshot).map(({ service: name, condition, met }) => {
    const other = snapshot.services.find((each) => each.name === name);
    const states = other?.instances.map((each) => stateAndHealth(each, t)).join(', ') ?? '';
    const wanted = met ? condition : t('{0}, not met yet', condition);
    return `${escapeMarkdown(name)} (${escapeMarkdown(wanted)}) ${states}`;
  });
  const isOrdinary = (service.role ?? 'service') === 'service';
  return paragraphs([
    `**${escapeMarkdown(service.name)}**${isOrdinary ? '' : ` ${escapeMarkdown(roleText(service, t))}`}`,
    addresses(service, t),
    waiting === undefined ? undefined : escapeMarkdown(waiting),
    ...lines([servicesServingText(service, t), queueText(service, t)]),
    table([
      [t('Runtime'), service.runtime],
      ...treatmentRows(service, t),
      [t('Folder'), service.cwd],
      [t('Group'), service.group === service.name ? undefined : service.group],
      [t('Restart'), restartText(service, t)],
      ...requestRows(service, t),
    ]),
    bullets(service.instances.map((each) => `${escapeMarkdown(each.name)} ${stateAndHealth(each, t)}`)),
    needs.length === 0 ? undefined : `${t('Needs:')}\n\n${bullets(needs) ?? ''}`,
    ...service.faults.map((fault) => faultText(fault)),
    service.autostart ? undefined : t('Not started by "Start All Services".'),
  ]);
}

/** Each of them can be clicked. */
function addresses({ url, namedUrl }: ServiceView, t: Translate): string | undefined {
  const shown = [url, namedUrl].flatMap((each) => (each === undefined ? [] : [`<${each}>`]));
  return shown.length === 0 ? undefined : t('Address: {0}', shown.join(', '));
}

function lines(texts: readonly (string | undefined)[]): readonly (string | undefined)[] {
  return texts.map((text) => (text === undefined ? undefined : escapeMarkdown(text)));
}

function requestRows({ instances }: ServiceView, t: Translate): readonly (readonly [string, string])[] {
  const { requests, errors, perSecond } = trafficOf(instances);
  if (requests === 0) return [];
  return [
    [t('Requests'), countsText(requests, errors, t)],
    ...(perSecond > 0 ? [[t('Last minute'), t('{0} a second', formatRate(perSecond))] as const] : []),
  ];
}

function stateAndHealth({ state, health }: InstanceView, t: Translate): string {
  if (health === undefined || state !== 'RUNNING') return state;
  return `${state} (${health === 'unknown' ? t('health not known yet') : health})`;
}

/** Exit codes are told where they decide something, and are not the usual 0 alone. */
function restartText({ restart, exitCodes }: ServiceView, t: Translate): string | undefined {
  if (restart === undefined) return undefined;
  if (restart === 'never') return t('never');
  if (restart === 'always') return t('after every exit');
  const codes = exitCodes ?? [0];
  return codes.length === 1 && codes[0] === 0
    ? t('after an unexpected exit')
    : t('after an exit with another code than {0}', codes.join(', '));
}

function instanceTooltip(instance: InstanceView, service: ServiceView, telling: Telling): string {
  const { now, t, file } = telling;
  const reason = reasonOf(instance, t);
  const waiting = waitingText([instance], t);
  return paragraphs([
    `**${escapeMarkdown(instance.name)}** ${instance.state}`,
    waiting === undefined ? undefined : escapeMarkdown(waiting),
    ...lines([buildingText(instance, now, t), servingText(instance, t)]),
    reason === undefined || reason === instance.fault?.message ? undefined : escapeMarkdown(reason),
    table([
      [t('Process'), instance.pid === undefined ? undefined : String(instance.pid)],
      [
        t('Address'),
        instance.port === undefined ? undefined : `${instance.host ?? '127.0.0.1'}:${instance.port}`,
      ],
      [t('At the front door'), instance.url],
      [t('Since'), sinceText(now - instance.since, t)],
      [t('Health'), instance.state === 'RUNNING' ? instance.health : undefined],
      ...trafficRows(instance.traffic, t),
      [t('Attempt'), instance.attempt === undefined ? undefined : String(instance.attempt)],
      [t('Next try in'), instance.nextTryAt === undefined ? undefined : inSeconds(instance.nextTryAt - now)],
      [t('Last exit'), instance.exit === undefined ? undefined : exitText(instance, t)],
      [t('Spawn error'), instance.spawnError === reason ? undefined : instance.spawnError],
      [t('Restart'), restartText(service, t)],
      [
        t('Debugger'),
        instance.inspector === undefined
          ? undefined
          : `${instance.inspector.host}:${instance.inspector.port}`,
      ],
      [t('Known to Supervisor’s tools as'), namespec(instance)],
    ]),
    logFiles(instance, telling, file),
    instance.fault === undefined ? undefined : faultText(instance.fault),
    instance.fault?.evidence === undefined
      ? undefined
      : fenced(lastLines(instance.fault.evidence, tailLines)),
  ]);
}

function logFiles(
  { logFile, errorLogFile }: InstanceView,
  { t }: Telling,
  file: Telling['file'],
): string | undefined {
  const [all, errors] = [file(logFile), file(errorLogFile)];
  const lines = [
    ...(all === undefined ? [] : [`${t('Log file')}: ${all}`]),
    ...(errors === undefined ? [] : [`${t('Log file of stderr')}: ${errors}`]),
  ];
  return bullets(lines);
}

function exitText({ exit }: InstanceView, t: Translate): string | undefined {
  if (exit === undefined) return undefined;
  return exit.expected ? t('{0}, as expected', formatExit(exit, t)) : formatExit(exit, t);
}

/** `group:process`, where it is another name than ours. */
function namespec({ name, service, process, group }: InstanceView): string | undefined {
  if (process === name || (process === service && group === service)) return undefined;
  return process === group ? process : `${group}:${process}`;
}

/** A card stays as it was drawn, so the first seconds are not counted out. */
function sinceText(ms: number, t: Translate): string {
  return ms < freshMs ? t('just now') : formatUptime(ms);
}

function inSeconds(ms: number): string {
  return `${Math.max(0, Math.ceil(ms / 1000))}s`;
}

function faultText(fault: Fault): string {
  return escapeMarkdown([fault.message, ...(fault.hint === undefined ? [] : [fault.hint])].join(' '));
}
