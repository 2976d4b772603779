/**
 * Go: what `go run` would build is built once, and again only when something has changed; then it is run by itself, so
 * that signals and ports are its own (spec 4.7). Every other command runs as it is written.
 */

import { folderOf, resolvePath } from '../../base/path.ts';
import { rowNameOf } from '../../config/formats/appengine/runtimes.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import { applicationOf } from './application.ts';
import { type CommandLine, commandLine, isPath, programName } from './common/line.ts';
import { isBelow } from './common/nearby.ts';
import { unfit } from './common/unfit.ts';
import { goMessages } from './compilers/go.ts';
import { delve, findDelve, underDelve, unoptimised } from './go/delve.ts';
import { goFailure, goPage } from './go/failure.ts';
import { type GoSurroundings, surroundingsOf } from './go/module.ts';
import { type GoRun, readGoRun } from './go/run-command.ts';
import { embedded, filesOf, type GoFiles, goFiles, isFolder, isNoProgram, leftOut } from './go/sources.ts';
import { findGo, unfitGo } from './go/toolchain.ts';
import { ownBuilds, unwritten } from './own-build.ts';
import type { Aims, Build, Look, Plan, Recipe, Unfit } from './recipe.ts';

export const go: Recipe = { name: 'go', title: 'Go', plan, debugging: delve };

async function plan(service: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const line = commandLine(service);
  const run =
    service.build !== undefined || line === undefined || isElsewhere(line)
      ? undefined
      : readGoRun(line.words);
  return line !== undefined && run !== undefined
    ? built(service, look, aims, line, run)
    : asWritten(service, look, aims, line);
}

/** Only its shell sets these: with them another go command might build, or from sources that lie elsewhere. */
function isElsewhere({ assigned }: CommandLine): boolean {
  return ['GOROOT', 'GOPATH', 'GO111MODULE', 'GOWORK', 'HOME'].some((name) => name in assigned);
}

// -------------------------------------------------------------------------------------------------- as written

async function asWritten(
  service: ServiceSpec,
  look: Look,
  aims: Aims,
  line: CommandLine | undefined,
): Promise<Plan | Unfit> {
  const common = { kind: 'plan', ...applicationOf(service, aims, look), builds: ownBuilds(service) } as const;
  const [program = '', ...args] = line?.words ?? [];
  const isGo = /^go(?:\d[\d.]*)?$/u.test(programName(program));
  if (aims.debugPort !== undefined) {
    if (line === undefined || isGo || !isPath(program)) return cannotBeDebugged(service);
    const dlv = await findDelve(look);
    if (typeof dlv !== 'string') return dlv;
    return { ...common, ...line.with(underDelve(dlv, program, args, aims.debugPort)) };
  }
  if (!isGo || line === undefined || isElsewhere(line)) return { ...common, command: service.command };
  const go = await findGo(service, look, program);
  if (typeof go !== 'string') return go;
  const command = service.interpreter === undefined ? { command: service.command } : line.with([go, ...args]);
  return { ...common, ...command, path: [folderOf(go)] };
}

function cannotBeDebugged({ name, command }: ServiceSpec): Unfit {
  const text = `${JSON.stringify(command.join(' '))} cannot be run under Delve, which takes a program of Go's`;
  return unfit({
    code: 'unfit',
    params: {
      service: name,
      text: `${text}.`,
      way: 'Let "command" be "go run" with a package, or the path of a program; or start it without debugging.',
    },
  });
}

// ------------------------------------------------------------------------------------------------------ built

async function built(
  service: ServiceSpec,
  look: Look,
  aims: Aims,
  line: CommandLine,
  run: GoRun,
): Promise<Plan | Unfit> {
  const { debugPort } = aims;
  const go = await findGo(service, look, run.program);
  if (typeof go !== 'string') return go;
  const around = await surroundingsOf(service.cwd, look);
  const project = service.appengine?.project;
  const except = leftOut(project);
  const files = await goFiles(look, service.cwd, except);
  const refusal =
    (await unfitGo(service, look, go, around.module)) ?? (await unfitSources(service, look, run, files));
  if (refusal !== undefined) return refusal;
  const output = outputOf(aims, debugPort !== undefined);
  const application = applicationOf(service, aims, look);
  const isLimited = application.environment !== undefined && application.environment.inherits !== 'all';
  const env =
    isLimited || Object.keys(line.assigned).length > 0
      ? { ...forCompiler(look.env), ...(isLimited ? {} : service.env), ...line.assigned }
      : undefined;
  const making = { service, look, run, go, around, files, except, output, env };
  const build = await buildOf(making, debugPort !== undefined);
  const warnings = [
    ...(application.warnings ?? []),
    ...(project === undefined ? [] : strayModule(service, around)),
  ];
  const dlv = debugPort === undefined ? undefined : await findDelve(look);
  if (dlv !== undefined && typeof dlv !== 'string') return dlv;
  const words =
    dlv === undefined || debugPort === undefined
      ? [output, ...run.args]
      : underDelve(dlv, output, run.args, debugPort);
  return {
    kind: 'plan',
    ...line.with(words),
    ...application,
    builds: [build],
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function outputOf({ workFolder, windows }: Aims, isDebugged: boolean): string {
  return resolvePath(workFolder, `_ah_exe${isDebugged ? '_debug' : ''}${windows ? '.exe' : ''}`);
}

/** Deployed, the application is all there is. */
function strayModule({ cwd }: ServiceSpec, { module }: GoSurroundings): readonly string[] {
  return module === undefined || module.folder === resolvePath(cwd, '.')
    ? []
    : [`${module.file.path} lies above the application's root ${cwd}.`];
}

async function unfitSources(
  service: ServiceSpec,
  look: Look,
  { packages }: GoRun,
  { files, isCut }: GoFiles,
): Promise<Unfit | undefined> {
  const { name, cwd } = service;
  const [first] = packages;
  // An application of App Engine has its sources in its root; others may name a package that lies beside.
  const isWithin = packages.every(
    (each) =>
      (isFolder(each) || each.endsWith('.go')) &&
      (service.appengine?.project !== undefined || isBelow(resolvePath(cwd, each), cwd)),
  );
  if (files.length === 0 && !isCut && isWithin) {
    const text = `no .go files found in ${cwd}`;
    const way = 'Let "cwd" be the folder of the program, or write its first file, such as main.go.';
    return { ...unfit({ code: 'unfit', params: { service: name, text, way } }, 'cwd'), answer: goPage(text) };
  }
  const whole = resolvePath(cwd, first);
  const wanted = first.endsWith('.go') ? 'file' : 'folder';
  if ((isFolder(first) || first.endsWith('.go')) && (await look.kind(whole)) !== wanted) {
    const way = 'Let "command" name the package that has the program, as in "go run ./cmd/server".';
    const params = { service: name, entry: first, looked: whole, way };
    return { ...unfit({ code: 'missing-entry', params }), answer: goPage(`${whole}: directory not found`) };
  }
  const program = await filesOf(look, cwd, packages);
  if (program === undefined || !(await isNoProgram(look, program))) return undefined;
  const text = 'Your Go app must use "package main" and must provide a main function, "func main()".';
  const way = `${first} is a package without a program: let "command" name the one that has it, as in "go run ./cmd/server".`;
  return { ...unfit({ code: 'unfit', params: { service: name, text, way } }), answer: goPage(text) };
}

interface Making {
  readonly service: ServiceSpec;
  readonly look: Look;
  readonly run: GoRun;
  readonly go: string;
  readonly around: GoSurroundings;
  readonly files: GoFiles;
  readonly except: ((path: string) => boolean) | undefined;
  readonly output: string;
  /** Absent: as the service's. */
  readonly env: Readonly<Record<string, string>> | undefined;
}

/**
 * What an application of App Engine may see is too little for a compiler, which keeps what it made in the person's home.
 * All that is there would be too much: another terminal would ask for another build.
 */
function forCompiler(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const wanted =
    /^(?:GO\w*|CGO_\w+|CC|CXX|AR|PKG_CONFIG\w*|PATH|HOME|TMPDIR|TMP|TEMP|XDG_CACHE_HOME|USERPROFILE|LOCALAPPDATA|APPDATA|SYSTEMROOT|\w+_PROXY)$/iu;
  return Object.fromEntries(Object.entries(env).filter(([name]) => wanted.test(name)));
}

/** What a compiler of C takes besides, where Go calls it. */
const otherSources = '**/*.{s,S,c,cc,cpp,cxx,h,hh,hpp,m,syso}';

async function buildOf(making: Making, isDebugged: boolean): Promise<Build> {
  const { service, look, run, go, around, except, output, env } = making;
  const root = around.module?.folder ?? service.cwd;
  const files = root === resolvePath(service.cwd, '.') ? making.files : await goFiles(look, root);
  const project = service.appengine?.project;
  const isMachine = project !== undefined && rowNameOf(project) === 'go-vm';
  const before = resolvePath(service.cwd, '.').slice(root.length).replaceAll('\\', '/').replace(/^\//u, '');
  return {
    id: `${service.name}: go build${isDebugged ? ' for Delve' : ''}`,
    title: 'go build',
    steps: [
      {
        argv: [
          ...([go, 'build', '-o', output] as const),
          ...(isMachine ? ['-tags', 'appenginevm'] : []),
          ...run.flags,
          ...(isDebugged ? unoptimised : []),
          ...run.packages,
        ],
        cwd: service.cwd,
        ...(env === undefined ? {} : { env }),
      },
    ],
    makes: [output],
    inputs: {
      root,
      paths: [
        ...['**/*.go', otherSources, 'go.mod', 'go.sum', 'go.work', 'go.work.sum', 'vendor/modules.txt'],
        ...(await embedded(look, root, files)),
      ],
      ignore: [...unwritten, '**/*_test.go', '**/testdata/**'],
      ...(except === undefined ? {} : { except: within(before, except) }),
      ...(around.beside.length === 0 ? {} : { beside: around.beside }),
    },
    read: goMessages,
    failure: goFailure,
  };
}

/** The patterns of an `app.yaml` speak of paths below its own folder. */
function within(folder: string, except: (path: string) => boolean): (path: string) => boolean {
  if (folder === '') return except;
  return (path) => path.startsWith(`${folder}/`) && except(path.slice(folder.length + 1));
}
