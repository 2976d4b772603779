/** Who is measured: each is started in front of an origin of its own kind, on the proxies' core, and ended again. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Group, npm, run } from '../../support/processes.ts';
import { installWithApt, onPath } from '../../support/system-packages.ts';
import { bundled } from './bundled.ts';
import { onCore } from './pins.ts';

export const libraries = ['http-proxy-3', 'httpxy', 'fast-proxy', '@fastify/http-proxy'] as const;

/** In the order of the tables. */
export const peerNames = ['direct', 'nginx', 'haproxy', 'relay', ...libraries, 'plane', 'ours'] as const;
export type PeerName = (typeof peerNames)[number];

export const titles: Readonly<Record<PeerName, string>> = {
  direct: 'direct, no proxy',
  nginx: 'nginx, one worker',
  haproxy: 'haproxy, one thread',
  relay: 'bare TCP relay in Node',
  'http-proxy-3': 'http-proxy-3',
  httpxy: 'httpxy',
  'fast-proxy': 'fast-proxy',
  '@fastify/http-proxy': '@fastify/http-proxy',
  plane: 'ours, the data plane alone',
  ours: 'ours, a whole runtime',
};

export interface Peer {
  readonly name: PeerName;
  readonly port: number;
  /** Of the process that forwards; absent: nobody does. */
  readonly pid?: number;
}

/** How an origin of one kind is run on a port. */
export type OriginCommand = (port: number) => Promise<readonly string[]>;

type Program = 'client' | 'origin' | 'ours' | 'plane' | 'relay';

export class Bench {
  readonly #folder: string;
  readonly #built = new Map<Program, Promise<string>>();
  readonly #groups: Group[] = [];
  readonly #profiles: string | undefined;
  #peers: Promise<string> | undefined;

  private constructor(folder: string, profiles: string | undefined) {
    this.#folder = folder;
    this.#profiles = profiles;
  }

  /** `profiles`: a folder for CPU profiles of our own two. */
  static async open(profiles?: string): Promise<Bench> {
    return new Bench(await mkdtemp(join(tmpdir(), 'runtimes-bench-')), profiles);
  }

  async close(): Promise<void> {
    // A runtime has children of its own to end first; what is left after that is killed.
    await Promise.all(
      this.#groups.map(async (group) => {
        group.child.kill('SIGTERM');
        await Promise.race([group.ended, pause(5_000, undefined, { ref: false })]);
        await group.stop();
      }),
    );
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A program of this folder as it would be shipped: one file, with nothing left to strip or to look for. */
  program(name: Program): Promise<string> {
    const file = join(this.#folder, `${name}.cjs`);
    const built = this.#built.get(name) ?? bundled(join(import.meta.dirname, `${name}.ts`), file);
    this.#built.set(name, built);
    return built;
  }

  async file(name: string, text: string): Promise<string> {
    const path = join(this.#folder, name);
    await writeFile(path, text);
    return path;
  }

  /** nginx with an answer of 1 KB at `/1k` and of 100 KB at `/100k`. */
  readonly nginxOrigin: OriginCommand = async (port) => {
    const folder = join(this.#folder, `origin-${port}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '100k'), 'x'.repeat(100 * 1024));
    const config = nginxConfig(folder, [
      'sendfile on; tcp_nopush on; open_file_cache max=10;',
      `server { listen 127.0.0.1:${port}; root ${folder}; default_type text/plain;`,
      `location = /1k { return 200 "${'x'.repeat(1024)}"; } }`,
    ]);
    await writeFile(join(folder, 'nginx.conf'), config);
    return onCore('load', ['nginx', '-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]);
  };

  readonly nodeOrigin: OriginCommand = async (port) =>
    onCore('load', [process.execPath, await this.program('origin'), String(port)]);

  async startOrigin(command: OriginCommand): Promise<number> {
    const port = await freePort();
    this.#start(await command(port));
    await accepts(port);
    return port;
  }

  /** Starts one peer. Gives, in words, why it cannot be had. */
  async startPeer(name: PeerName, upstream: number, origin: OriginCommand): Promise<Peer | string> {
    if (name === 'direct') return { name, port: upstream };
    if (name === 'nginx' || name === 'haproxy') {
      const missing = await bring(name);
      if (missing !== undefined) return missing;
      const port = await freePort();
      const group = this.#start(onCore('proxy', await this.#classic(name, port, upstream)));
      await accepts(port);
      return peer(name, port, group);
    }
    if (name === 'relay' || name === 'plane') {
      return this.#node(name, [await this.program(name), String(upstream)]);
    }
    if (name === 'ours') {
      const folder = await mkdtemp(join(this.#folder, 'ours-'));
      const port = await freePort();
      // JSON is YAML.
      const services = { origin: { command: await origin(port), port, startRetries: 0 } };
      await writeFile(join(folder, 'runtimes.yaml'), JSON.stringify({ services }));
      return this.#node(name, [await this.program(name), folder]);
    }
    this.#peers ??= installedPeers();
    return this.#node(name, [join(await this.#peers, 'serve.mjs'), name, String(upstream)]);
  }

  async #node(name: PeerName, argv: readonly string[]): Promise<Peer> {
    const isOurs = name === 'plane' || name === 'ours';
    const profile =
      isOurs && this.#profiles !== undefined ? ['--cpu-prof', `--cpu-prof-dir=${this.#profiles}`] : [];
    const group = this.#start(onCore('proxy', [process.execPath, ...profile, ...argv]));
    const [, port] = await group.says(/listening (\d+)/u);
    return peer(name, Number(port), group);
  }

  #start([program, ...args]: readonly string[]): Group {
    const group = new Group(program ?? '', args);
    this.#groups.push(group);
    return group;
  }

  async #classic(name: 'nginx' | 'haproxy', port: number, upstream: number): Promise<readonly string[]> {
    const folder = await mkdtemp(join(this.#folder, `${name}-`));
    const file = join(folder, 'config');
    if (name === 'haproxy') {
      await writeFile(file, haproxyConfig(port, upstream));
      return ['haproxy', '-db', '-f', file];
    }
    const config = nginxConfig(folder, [
      'map $http_upgrade $connection_upgrade { default upgrade; "" ""; }',
      `upstream origin { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 100000000; }`,
      `server { listen 127.0.0.1:${port}; client_max_body_size 0; proxy_request_buffering off;`,
      'proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade;',
      'proxy_set_header Connection $connection_upgrade; proxy_set_header X-Forwarded-For $remote_addr;',
      'location / { proxy_pass http://origin; }',
      'location /events { proxy_buffering off; proxy_pass http://origin; } }',
    ]);
    await writeFile(file, config);
    return ['nginx', '-e', 'stderr', '-p', folder, '-c', file];
  }
}

function peer(name: PeerName, port: number, group: Group): Peer {
  const { pid } = group;
  return { name, port, ...(pid === undefined ? {} : { pid }) };
}

function nginxConfig(folder: string, http: readonly string[]): string {
  return [
    'daemon off; master_process off; worker_processes 1;',
    `pid ${folder}/pid; error_log stderr error;`,
    'events { worker_connections 8192; }',
    'http { access_log off; keepalive_requests 100000000; tcp_nodelay on;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (each) => `${each}_temp_path ${folder}/${each};`,
    ),
    ...http,
    '}',
  ].join('\n');
}

function haproxyConfig(port: number, upstream: number): string {
  return [
    'global',
    '  nbthread 1',
    '  maxconn 8192',
    'defaults',
    '  mode http',
    '  option http-keep-alive',
    '  option http-no-delay',
    '  http-reuse always',
    '  option forwardfor',
    '  timeout connect 5s',
    '  timeout client 60s',
    '  timeout server 60s',
    'listen bench',
    `  bind 127.0.0.1:${port}`,
    `  server origin 127.0.0.1:${upstream}`,
    '',
  ].join('\n');
}

/** Sees to it that a program is there; gives, in words, how to get it where we may not. */
export async function bring(program: 'nginx' | 'haproxy' | 'wrk'): Promise<string | undefined> {
  if (onPath([program]) !== undefined) return undefined;
  const tried = await installWithApt([program]).catch((error: unknown) => String(error));
  if (tried === true && onPath([program]) !== undefined) return undefined;
  return `not installed: apt-get install ${program}`;
}

/** What the first line of its own words about itself calls it. */
export async function versionOf(name: PeerName): Promise<string> {
  if (name === 'nginx' || name === 'haproxy') {
    if (onPath([name]) === undefined) return '';
    return /\d+\.[\d.]+/u.exec(await run(name, ['-v']))?.[0] ?? '';
  }
  const library = libraries.find((each) => each === name);
  if (library === undefined) return name === 'direct' ? '' : `Node ${process.versions.node}`;
  const listed = JSON.parse(await readFile(join(recipe, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return listed.dependencies[library] ?? '';
}

const recipe = join(import.meta.dirname, 'peers');

/** The libraries in a cache of the user's, apart from our own dependencies; another lock file is another folder. */
async function installedPeers(): Promise<string> {
  const lock = await readFile(join(recipe, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'local-runtimes', `bench-peers-${key}`);
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', 'serve.mjs']) {
    await copyFile(join(recipe, file), join(folder, file));
  }
  // npm writes this file last, when all is there.
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) {
    console.log('Installing the libraries to measure against (once) ...');
    await npm(['ci', '--ignore-scripts', '--no-fund', '--no-audit'], { cwd: folder });
  }
  return folder;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

/** Resolves when somebody accepts a connection. */
async function accepts(port: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const connected = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true));
      socket.once('error', () => done(false)).once('close', () => done(false));
      socket.once('connect', () => socket.destroy());
    });
    if (connected) return;
    await pause(10);
  }
  throw new Error(`Nobody listens on port ${port}.`);
}
