/** `runtimes up`: runs services in the foreground. */

import type { RuntimeEvent } from '../core/model.ts';
import type { DoorRequest } from '../core/outside.ts';
import { Shutdown } from '../core/shutdown.ts';
import { whoRuns } from '../host/control-socket.ts';
import { createHome, type Home } from '../host/home.ts';
import { watchConfig } from '../host/config-watch.ts';
import { writePidFile } from '../host/pid-file.ts';
import { storageOf } from '../host/storage.ts';
import { inWords } from './check.ts';
import { configFiles } from './config-files.ts';
import { refuse } from './host.ts';
import { isUndone, jobsOf } from './jobs.ts';
import { createJsonPrinter, createPeoplePrinter, type Printer } from './printer.ts';

export interface UpOptions {
  readonly services: readonly string[];
  readonly files: readonly string[];
  readonly json: boolean;
  readonly requests: boolean;
  /** Though another host runs the folder. */
  readonly anyway: boolean;
  /** Whether a saved config file has an effect. */
  readonly reload: boolean;
  readonly frontDoor?: { readonly host: string; readonly port: number };
}

/**
 * Gives the exit code: 0 after a clean stop, 2 for a config that cannot run, 1 when something is FATAL at the end, or
 * waits in vain, or when another host runs the folder.
 */
export async function up(options: UpOptions): Promise<number> {
  const folder = process.cwd();
  const files = configFiles(folder, options.files);
  if (files === undefined) return 2;
  // Names are known once the config is read, and nothing is printed before.
  let printer: Printer;
  const home = createHome({
    folder,
    storage: storageOf(folder),
    trusted: true,
    files,
    control: true,
    ...(options.frontDoor === undefined ? {} : { frontDoor: options.frontDoor }),
    tap: {
      lines(instance, lines) {
        printer.lines(instance, lines);
        if (process.stdout.writableNeedDrain) holdBack(home);
      },
      ...(options.json && options.requests
        ? { request: (request: DoorRequest) => printer.request(request) }
        : {}),
    },
  });
  printer = options.json ? createJsonPrinter() : createPeoplePrinter(namesIn(home));
  let removePidFile = (): void => undefined;
  try {
    const unreachable = await home.control;
    const other = unreachable === undefined || options.anyway ? undefined : await whoRuns(folder);
    if (other !== undefined) return refuse(folder, other);
    if (unreachable !== undefined)
      process.stderr.write(`"runtimes ps" and its like will not find this one: ${unreachable}.\n`);
    removePidFile = writeOwnPidFile(home);
    return await run(home, options, printer, folder);
  } finally {
    await home.close();
    await home.outside.close();
    removePidFile();
  }
}

function namesIn({ runtime }: Home): readonly string[] {
  const { services } = runtime.snapshot();
  return services.flatMap(({ instances }) => instances.map(({ name }) => name));
}

/** As supervisord does in the foreground, where a `supervisord.conf` asks for it (SV-96). */
function writeOwnPidFile({ runtime }: Home): () => void {
  const path = runtime.config.supervisor?.pidFile;
  if (path === undefined) return () => undefined;
  return writePidFile(path, () => runtime.journal.say('critical', `could not write pidfile ${path}`));
}

/** A reader slower than the children: they wait for it, so that neither memory grows nor a line is lost. */
function holdBack(home: Home): void {
  home.runtime.pauseOutput();
  process.stdout.once('drain', () => home.runtime.resumeOutput());
}

async function run(home: Home, options: UpOptions, printer: Printer, folder: string): Promise<number> {
  const { api, runtime } = home;
  const config = runtime.snapshot();
  for (const problem of config.problems) process.stderr.write(`${inWords(problem, folder)}\n`);
  let late: RuntimeEvent | undefined;
  const areJobsUndone = (): boolean => {
    const now = runtime.snapshot();
    const jobs = jobsOf(now);
    return now.services.some(({ name, instances }) => jobs.has(name) && instances.some(isUndone));
  };
  const tell = (event: RuntimeEvent): void => {
    // To scripts it is what it always was; people are told that all is up when nothing is left to do.
    if (event.event === 'ready' && !options.json && areJobsUndone()) late = event;
    else printer.event(event);
  };
  runtime.subscribe((message) => {
    if (message.kind === 'event') tell(message.event);
    if (message.kind === 'instance') printer.instance(message.instance);
    if (late !== undefined && !areJobsUndone()) {
      printer.event(late);
      late = undefined;
    }
  });
  runtime.tellConfig();
  const targets = options.services.map((service) => ({ kind: 'service', service }) as const);
  const errors = config.problems.some((problem) => problem.severity === 'error');
  if (config.services.length === 0) {
    if (!errors) process.stderr.write('There is nothing to run.\n');
    return finish(printer, 2, true);
  }
  const over = watchTheEnd(home);
  const watching = options.reload
    ? watchConfig(home, folder, (line) => announce(line, options.json))
    : undefined;
  try {
    if (targets.length === 0) await api.start({ kind: 'all' });
    // All names are looked up before the first one is started.
    const known = new Set(config.services.map((service) => service.name));
    const unknown = targets.find(({ service }) => !known.has(service));
    if (unknown !== undefined) await api.start(unknown);
    for (const target of targets) await api.start(target);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await api.shutdown(1500);
    return finish(printer, 2, true);
  }
  if (runtime.isIdle && !home.isServed()) {
    process.stderr.write('Nothing starts by itself here; name the services to start.\n');
    await api.shutdown(1500);
    return finish(printer, 0, true);
  }
  const stopped = await over;
  watching?.dispose();
  const failed = runtime
    .snapshot()
    .services.flatMap((service) => service.instances)
    .some((each) => each.state === 'FATAL' || each.waitingFor?.some((wait) => wait.stuck) === true);
  await api.shutdown(1500);
  return finish(printer, failed || !stopped.clean ? 1 : 0, stopped.clean);
}

/** One line, to people: scripts have the `config` event. */
function announce(line: string, json: boolean): void {
  if (!json) process.stdout.write(`${line}\n`);
}

async function finish(printer: Printer, code: number, clean: boolean): Promise<number> {
  const at = new Date().toISOString();
  await printer.last({ at, event: 'stopped', clean } satisfies RuntimeEvent);
  return code;
}

async function reopenLogs({ api, runtime }: Home): Promise<void> {
  runtime.journal.say('info', 'received SIGUSR2 indicating log reopen request');
  try {
    await api.reopenLogs();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`Not every log could be opened again: ${reason}.\n`);
  }
}

/** SIGHUP and SIGQUIT where there are such (RP-48). */
const leaving = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(process.platform === 'win32' ? [] : ['SIGQUIT'])];

/**
 * Resolves when it is time to leave: a signal or a tool has stopped everything in order, or nothing is left that could
 * run and nobody could have it run.
 * A second signal kills; a third ends us on the spot (RP-45).
 */
function watchTheEnd(home: Home): Promise<{ readonly clean: boolean }> {
  const { runtime } = home;
  return new Promise((done) => {
    let clean = true;
    let started = false;
    const shutdown = new Shutdown({
      begin() {
        home.stopping();
        void runtime.stopInOrder().then(() => done({ clean }));
      },
      hurry() {
        clean = false;
        runtime.killAll();
      },
      abort() {
        runtime.killAll();
        process.exit(1);
      },
      log: (_level, message) => void process.stderr.write(`${message}\n`),
    });
    for (const name of leaving)
      process.on(name, () => {
        runtime.journal.say('warn', `received ${name} indicating exit request`);
        shutdown.signal();
      });
    if (process.platform !== 'win32') process.on('SIGUSR2', () => void reopenLogs(home));
    // Whoever read our output has left (`| head`): there is nobody to run for.
    process.stdout.on('error', () => shutdown.quit());
    runtime.subscribe((message) => {
      if (message.kind === 'event' && message.event.event === 'state') started = true;
      if (message.kind !== 'instance' || !started || shutdown.isOrdered || home.isServed()) return;
      // Whoever sits at the terminal mends what is wrong, and sees it start. A script is told that it came to nothing.
      if (runtime.isIdle && !(process.stdout.isTTY && runtime.isMending)) done({ clean });
    });
    void home.ended.then(() => done({ clean }));
  });
}
