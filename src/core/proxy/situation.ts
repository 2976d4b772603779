/**
 * What there is to say while a service cannot answer: the facts as they come, and the story told of them.
 *
 * The story is plain data in words; `text.ts` and `page.ts` only lay it out.
 */

import type { ProfileName } from '../../config/spec.ts';
import type { StateName } from '../model.ts';
import type { Stream } from '../outside.ts';
import { catalogue } from '../../faults/catalogue.ts';

export type { StateName };

/** The words of a fault; a `Fault` fits. */
export interface FaultWords {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** The reference's sentence (spec 1.10). */
  readonly sentence?: string;
  /** The last lines it printed, joined by newlines. */
  readonly evidence?: string;
  /** Where they were printed; to stderr, if nothing is said. */
  readonly evidenceFrom?: { readonly stream: Stream };
}

/** An instance as it is now; an `InstanceView` nearly fits. */
export interface InstanceFacts {
  readonly name: string;
  readonly state: StateName;
  readonly reason?: string;
  readonly fault?: FaultWords;
  readonly exit?: { readonly code?: number; readonly signal?: string };
  /** The failed starts so far. */
  readonly attempt?: number;
  readonly nextTryInMs?: number;
  /** A person has stopped it, and has not started it since. */
  readonly halted?: boolean;
  /** In FATAL: it is started again by itself, once what stands in its way has changed. */
  readonly mends?: boolean;
  /** In STARTING: what is done before there is a process (`go build`). */
  readonly preparing?: string;
  /** A start was ordered and waits for these, in words: `db (not healthy yet)`. */
  readonly waitingFor?: { readonly what: string; readonly stuck: boolean };
}

/** What went wrong with one request after it was given to an instance. */
export interface Failed {
  /** `stopped`: by an order, so that nothing went wrong. */
  readonly code: 'bad-response' | 'cannot-connect' | 'instance-died' | 'stopped' | 'timed-out';
  readonly sentence: string;
  /** From the connection or the parser. */
  readonly reason: string;
  readonly instance?: string;
  /** There was no connection, so the request did not reach the instance. */
  readonly refused?: boolean;
  /** How long it might have gone on once its instance was to stop, where the service says so. */
  readonly drainMs?: number;
}

/** Why a request to a service gets an answer from us. */
export interface Situation {
  readonly service: string;
  readonly profile: ProfileName;
  readonly instances: readonly InstanceFacts[];
  /** Requests start it, unless a person has stopped it. */
  readonly wakes?: boolean;
  /** Only where this very request failed. */
  readonly failed?: Failed;
  /** The request has waited so long for an instance with room, and there was none. */
  readonly queueMs?: number;
  /** The last lines of stderr, or of what `tailFrom` names, without their line ends. */
  readonly tail: readonly string[];
  readonly tailFrom?: Stream;
  /** Which instance wrote them; the one with the fault, if nothing else is said. */
  readonly tailOf?: string;
  /** The last of these lines had no line end. */
  readonly tailOpen?: boolean;
}

export interface InstanceStory {
  readonly name: string;
  readonly state: StateName;
  readonly detail?: string;
}

export interface Story {
  readonly service: string;
  readonly status: number;
  /** When to ask again, in seconds. */
  readonly retryAfter: number;
  readonly state: StateName;
  /** `api is starting` */
  readonly headline: string;
  readonly reason?: string;
  readonly sentence?: string;
  readonly hint?: string;
  readonly exit?: string;
  /** What happens now, or what to do. */
  readonly next: string;
  /** This very request reached an instance and failed: sending it again may do the same again. */
  readonly failed: boolean;
  /** Only where there are several. */
  readonly instances: readonly InstanceStory[];
  readonly words?: {
    readonly instance?: string;
    readonly stream: Stream;
    readonly lines: readonly string[];
    readonly open: boolean;
  };
}

/** The most hopeful state first: it tells best what someone who waits is waiting for. */
const hope: readonly StateName[] = [
  'STARTING',
  'BACKOFF',
  'RUNNING',
  'STOPPING',
  'FATAL',
  'EXITED',
  'UNKNOWN',
  'STOPPED',
];

/** One whose start is ordered is about to be STARTING, whatever it was before. */
function hopeOf({ state, waitingFor }: InstanceFacts): number {
  return hope.indexOf(waitingFor === undefined ? state : 'STARTING');
}

export function storyOf(situation: Situation): Story {
  const { service, instances, failed } = situation;
  const lead =
    instances.find(({ name }) => name === failed?.instance) ??
    instances.toSorted((one, other) => hopeOf(one) - hopeOf(other))[0];
  const troubled =
    failed !== undefined || lead?.fault !== undefined
      ? lead
      : (instances.find((instance) => instance.fault !== undefined) ?? lead);
  const fault =
    failed !== undefined
      ? faultOf(failed, culprit(situation) ?? service, situation)
      : situation.queueMs === undefined
        ? troubled?.fault
        : fullness(service, situation.queueMs);
  const state = lead?.state ?? 'STOPPED';
  const exit = exitOf(lead);
  const reason = fault?.message ?? lead?.reason;
  const words = wordsOf(situation, troubled, fault);
  return {
    service,
    status: statusOf(fault),
    retryAfter: retryAfter(lead),
    state,
    headline: fault?.code === 'full' ? `${service} is busy` : headlineOf(situation, lead),
    ...(reason === undefined ? {} : { reason }),
    ...(fault?.sentence === undefined ? {} : { sentence: fault.sentence }),
    ...(fault?.hint === undefined ? {} : { hint: fault.hint }),
    ...(exit === undefined ? {} : { exit }),
    next: nextOf(situation, lead),
    failed: failed !== undefined && failed.refused !== true,
    instances: instances.length > 1 ? instances.map(instanceStory) : [],
    ...(words === undefined ? {} : { words }),
  };
}

/** Who failed: of several that share a socket, it may be that nobody knows. */
function culprit({ instances, failed }: Situation): string | undefined {
  return failed?.instance ?? (instances.length === 1 ? instances[0]?.name : undefined);
}

/** The words for a request that failed: what happened to it, not to the instance. */
function faultOf(
  { code, sentence, reason, drainMs }: Failed,
  who: string,
  { service, profile }: Situation,
): FaultWords {
  if (code === 'bad-response') {
    return { code, sentence, message: catalogue[code].message({ instance: who, reason }) };
  }
  if (code === 'timed-out') {
    const hint = catalogue[code].hint({ instance: who, reason });
    return {
      code,
      // The reference knows no such end; that one could not connect would be another one.
      ...(profile === 'appengine' ? { sentence } : {}),
      message: catalogue[code].message({ instance: who, reason }),
      ...(hint === undefined ? {} : { hint }),
    };
  }
  if (code === 'instance-died') {
    return { code, sentence, message: `${who} ended before it had answered: ${reason}.` };
  }
  if (code === 'stopped') {
    const time =
      drainMs === undefined
        ? ''
        : drainMs === 0
          ? ' Requests under way get no time to finish ("drainSeconds: 0").'
          : ` Requests under way get ${drainMs / 1000} s to finish ("drainSeconds: ${drainMs / 1000}").`;
    return {
      code,
      // That it had quit unexpectedly is no news to who stopped it; the reference says so all the same.
      ...(profile === 'appengine' ? { sentence } : {}),
      message: `${who} was stopped while this request was still running.${time}`,
      ...(drainMs === undefined
        ? {}
        : { hint: `If its requests may take longer, raise "drainSeconds" of ${service}.` }),
    };
  }
  return {
    code,
    sentence,
    message: `${who} is running, but did not answer: ${reason}.`,
    hint: 'Does it still listen on its port? Its log may tell more.',
  };
}

/** Every instance has all the requests that it may have at once. */
function fullness(service: string, queueMs: number): FaultWords {
  const hint = catalogue.full.hint({ service, queueMs });
  return {
    code: 'full',
    message: catalogue.full.message({ service, queueMs }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function statusOf(fault: FaultWords | undefined): number {
  const rows: Readonly<Record<string, { readonly http: number }>> = catalogue;
  return (fault === undefined ? undefined : rows[fault.code]?.http) ?? 503;
}

function retryAfter(lead: InstanceFacts | undefined): number {
  if (lead?.waitingFor !== undefined) return lead.waitingFor.stuck ? 5 : 1;
  if (lead?.nextTryInMs !== undefined) return Math.max(1, Math.ceil(lead.nextTryInMs / 1000));
  return lead?.state === 'STARTING' || lead?.state === 'STOPPING' || lead?.state === 'RUNNING' ? 1 : 5;
}

/** Whoever had the request ended meanwhile, and lives again. */
function isBack(lead: InstanceFacts | undefined, failed: Failed | undefined): boolean {
  if (failed?.code !== 'instance-died' && failed?.code !== 'stopped') return false;
  const isSame = failed.instance === undefined || failed.instance === lead?.name;
  return isSame && (lead?.state === 'RUNNING' || lead?.state === 'STARTING');
}

function headlineOf(situation: Situation, lead: InstanceFacts | undefined): string {
  const { service, failed } = situation;
  const isAlone = situation.instances.every(({ name }) => name === failed?.instance);
  const who = isAlone ? service : (failed?.instance ?? service);
  if (failed?.code === 'stopped')
    return `${who} was ${isBack(lead, failed) ? 'restarted' : 'stopped'} while it was answering`;
  if (isBack(lead, failed)) return `${service} ended while it was answering, and was started again`;
  if (lead?.waitingFor !== undefined) return `${service} is waiting for ${lead.waitingFor.what}`;
  const headlines: Readonly<Record<StateName, string>> = {
    STOPPED: wasStopped(lead) ? 'is stopped' : 'is not started',
    STARTING:
      lead?.preparing !== undefined
        ? `is being prepared: ${lead.preparing}`
        : (lead?.attempt ?? 0) > 0
          ? 'is starting again'
          : 'is starting',
    RUNNING:
      failed === undefined
        ? 'is not ready yet'
        : failed.code === 'timed-out'
          ? 'did not answer in time'
          : failed.refused === true
            ? 'runs, but accepts no connections'
            : 'did not answer properly',
    BACKOFF:
      lead?.nextTryInMs === undefined ? 'could not be started' : 'failed to start and will be tried again',
    STOPPING: 'is stopping',
    EXITED: lead?.nextTryInMs === undefined ? 'has ended' : 'keeps ending and will be started again',
    FATAL: lead?.fault?.code === 'build-failed' ? 'could not be built' : 'could not be started',
    UNKNOWN: 'is in an unknown state',
  };
  return `${service} ${headlines[lead?.state ?? 'STOPPED']}`;
}

/** Somebody has, rather than that nobody has started it yet. */
function wasStopped(lead: InstanceFacts | undefined): boolean {
  return lead?.halted === true || lead?.exit !== undefined;
}

function nextOf({ service, wakes, failed }: Situation, lead: InstanceFacts | undefined): string {
  if (isBack(lead, failed))
    return lead?.state === 'RUNNING' ? 'It runs again; ask again.' : 'Ask again as soon as it is ready.';
  if (lead?.waitingFor !== undefined) {
    return lead.waitingFor.stuck
      ? 'It will not start by itself before somebody starts what it waits for.'
      : 'It starts by itself as soon as it need not wait any more.';
  }
  const start = `start it from the Runtimes view of the editor, or with "runtimes start ${service}"`;
  const stopped =
    wakes === true && lead?.halted === true
      ? `You stopped it; no request wakes it until it is started. To do so, ${start}.`
      : `${wasStopped(lead) ? 'It was stopped' : 'Nobody has started it yet'}: ${start}.`;
  const next: Readonly<Record<StateName, string>> = {
    STOPPED: stopped,
    STARTING: 'It will answer as soon as it is ready.',
    RUNNING: 'It is running; ask again.',
    // Without a next time it is being put down, and trying again would not help.
    BACKOFF:
      lead?.nextTryInMs === undefined
        ? `Nothing more is tried by itself. Mend what is wrong, then ${start}.`
        : `Start ${(lead.attempt ?? 1) + 1} comes ${inTime(lead.nextTryInMs)}.`,
    STOPPING: `Once it has stopped: ${start}.`,
    EXITED:
      lead?.nextTryInMs === undefined
        ? `It is not started again by itself: ${start}.`
        : `It is started again ${inTime(lead.nextTryInMs)}.`,
    FATAL:
      lead?.mends === true
        ? 'It is started again by itself as soon as that has been mended.'
        : `Nothing more is tried by itself. Mend what is wrong, then ${start}.`,
    UNKNOWN: `Stop it, then ${start}.`,
  };
  return next[lead?.state ?? 'STOPPED'];
}

function inTime(ms: number | undefined): string {
  return ms === undefined || ms < 500 ? 'at once' : `in ${Math.ceil(ms / 1000)} s`;
}

function exitOf(instance: InstanceFacts | undefined): string | undefined {
  // How it ended when it was told to says nothing.
  if (instance?.state === 'STOPPED') return undefined;
  if (instance?.exit?.signal !== undefined) return `killed by ${instance.exit.signal}`;
  if (instance?.exit?.code !== undefined) return `exit code ${instance.exit.code}`;
  return undefined;
}

function instanceStory(instance: InstanceFacts): InstanceStory {
  const { state, attempt = 0, fault } = instance;
  // A crash of an earlier life is told where it keeps the next one from coming up.
  const isPast =
    fault?.code === 'instance-died' && (state === 'RUNNING' || (state === 'STARTING' && attempt === 0));
  const detail = (isPast ? undefined : fault?.message) ?? instance.reason ?? exitOf(instance);
  return { name: instance.name, state: instance.state, ...(detail === undefined ? {} : { detail }) };
}

/** The last words there are: the tail, else what the fault has kept of it. */
function wordsOf(
  { tail, tailOf, tailFrom = 'stderr', tailOpen = false, profile }: Situation,
  troubled: InstanceFacts | undefined,
  fault: FaultWords | undefined,
): Story['words'] {
  const stream = tail.length > 0 ? tailFrom : (fault?.evidenceFrom?.stream ?? 'stderr');
  // The reference knows of no other last words than those on stderr (spec 1.10).
  if (profile === 'appengine' && stream !== 'stderr') return undefined;
  const kept = (fault?.evidence ?? '').replace(/\n$/u, '');
  const lines = tail.length > 0 ? tail : kept === '' ? [] : kept.split('\n');
  if (lines.length === 0) return undefined;
  const instance = tailOf ?? troubled?.name;
  return {
    ...(instance === undefined ? {} : { instance }),
    stream,
    lines,
    open: tail.length > 0 && tailOpen,
  };
}
