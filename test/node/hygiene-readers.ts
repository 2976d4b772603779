/**
 * Readers of what reached an instance: one that accepts nothing odd, Node's own, and gullible ones that each believe
 * something else.
 *
 * Smuggling needs two readers that disagree on where a request ends. So the proof that a stream of bytes is safe is that
 * all of these read the same requests in it.
 */

import { createServer, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';

/** What a reader takes a stream of bytes for. */
export interface Reading {
  /** `POST /path 5`: method, target and length of the body, of each request that is all there. */
  readonly requests: readonly string[];
  /** A request whose end has not come. */
  readonly open?: string;
  /** The reader knows no such method and reads no further, as Node does. */
  readonly isStuck?: true;
}

/** What a gullible reader believes where a message does not tell clearly. */
interface Belief {
  readonly name: string;
  /** What ends a line. */
  readonly line: RegExp;
  /** Which of the two framings counts where both are told. */
  readonly wins: 'length' | 'chunks';
  /** Which length counts where there are several. */
  readonly length: 'first' | 'last';
  /** A line that begins with a space goes on with the one before; else it is a header of its own. */
  readonly folds: boolean;
  /** `Content_Length` is Content-Length, as behind CGI. */
  readonly underscores: boolean;
}

const plain: Belief = {
  name: 'chunks before lengths',
  line: /\r\n/gu,
  wins: 'chunks',
  length: 'last',
  folds: true,
  underscores: false,
};

export const beliefs: readonly Belief[] = [
  plain,
  { ...plain, name: 'the first length before chunks', wins: 'length', length: 'first' },
  { ...plain, name: 'the last length before chunks', wins: 'length' },
  { ...plain, name: 'lines end at LF', line: /\r?\n/gu },
  { ...plain, name: 'lines end at CR', line: /\r\n?|\n/gu },
  { ...plain, name: 'a folded line is a header of its own', folds: false },
  { ...plain, name: 'underscores are dashes', underscores: true, wins: 'length' },
];

// ------------------------------------------------------------------------------------------ gullible readers

interface Line {
  readonly text: string;
  readonly next: number;
}

function lineAt(bytes: string, at: number, ending: RegExp): Line | undefined {
  ending.lastIndex = at;
  const found = ending.exec(bytes);
  return found === null
    ? undefined
    : { text: bytes.slice(at, found.index), next: found.index + found[0].length };
}

interface GullibleHead {
  readonly line: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly next: number;
}

/** Reads lines up to an empty one; nothing is odd enough to be refused. */
function linesAt(
  bytes: string,
  start: number,
  belief: Belief,
): { lines: string[]; next: number } | undefined {
  const lines: string[] = [];
  for (let at = start; ;) {
    const line = lineAt(bytes, at, belief.line);
    if (line === undefined) return undefined;
    if (line.text === '') return { lines, next: line.next };
    at = line.next;
    if (belief.folds && lines.length > 1 && /^[ \t]/u.test(line.text)) lines[lines.length - 1] += line.text;
    else lines.push(line.text);
  }
}

function headAt(bytes: string, at: number, belief: Belief): GullibleHead | undefined {
  const read = linesAt(bytes, at, belief);
  if (read === undefined) return undefined;
  const headers = new Map<string, string[]>();
  for (const line of read.lines.slice(1)) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    // Whatever is odd about a name is left out of it, as `trim` and its like do.
    const key = line
      .slice(0, colon)
      .replaceAll(/[^!-~]/gu, '')
      .toLowerCase();
    const name = belief.underscores ? key.replaceAll('_', '-') : key;
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { line: read.lines[0] ?? '', headers, next: read.next };
}

interface Body {
  readonly length: number;
  readonly next: number;
}

function bodyAt(bytes: string, head: GullibleHead, belief: Belief): Body | undefined {
  const chunked = (head.headers.get('transfer-encoding') ?? []).some((value) => /chunked/iu.test(value));
  const lengths = (head.headers.get('content-length') ?? []).map((value) => Number.parseInt(value, 10));
  const length = lengths.at(belief.length === 'first' ? 0 : -1);
  const byLength = length !== undefined && !Number.isNaN(length);
  if (chunked && (belief.wins === 'chunks' || !byLength)) return chunksAt(bytes, head.next, belief);
  const size = byLength ? Math.max(0, length) : 0;
  return head.next + size > bytes.length ? undefined : { length: size, next: head.next + size };
}

function chunksAt(bytes: string, start: number, belief: Belief): Body | undefined {
  let length = 0;
  for (let at = start; ;) {
    const line = lineAt(bytes, at, belief.line);
    const size = line === undefined ? Number.NaN : Number.parseInt(line.text, 16);
    if (line === undefined || Number.isNaN(size)) return undefined;
    if (size === 0) {
      const trailers = linesAt(bytes, line.next, { ...belief, folds: false });
      return trailers === undefined ? undefined : { length, next: trailers.next };
    }
    const after = line.next + size;
    if (after > bytes.length) return undefined;
    length += size;
    // The line end after the piece, whatever it is.
    at = lineAt(bytes, after, belief.line)?.next ?? bytes.length;
  }
}

export function readGullibly(bytes: string, belief: Belief): Reading {
  const requests: string[] = [];
  for (let at = 0; ;) {
    while (bytes[at] === '\r' || bytes[at] === '\n') at += 1;
    if (at === bytes.length) return { requests };
    const head = headAt(bytes, at, belief);
    const [method = '', target = ''] = (head?.line ?? bytes.slice(at)).split(/[\s\v\f]+/u, 2);
    const body = head === undefined ? undefined : bodyAt(bytes, head, belief);
    if (body === undefined) return { requests, open: `${method} ${target}` };
    requests.push(`${method} ${target} ${body.length}`);
    at = body.next;
  }
}

// ------------------------------------------------------------------------------------------ the strict reader

const token = String.raw`[!#$%&'*+.^_\x60|~\w-]+`;
const requestLine = new RegExp(String.raw`^(${token}) ([\x21-\x22\x24-\x7e\x80-\xff]+) HTTP/1\.1$`, 'u');
const headerLine = new RegExp(
  String.raw`^(${token}):[\t ]*((?:[\x21-\x7e\x80-\xff][\t\x20-\x7e\x80-\xff]*)?)$`,
  'u',
);

/** What a trailer must not say: it would come after it was acted on, or be believed where trailers become headers. */
const notInTrailers: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'te',
  'trailer',
  'transfer-encoding',
  'x-forwarded-for',
]);

/** Thrown by the strict reader for anything that somebody might take otherwise. */
class Odd extends Error {}

function fieldsOf(lines: readonly string[]): [name: string, value: string][] {
  return lines.map((line) => {
    const [, name, value] = headerLine.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Odd(`a line ${JSON.stringify(line)}`);
    return [name.toLowerCase(), value];
  });
}

/** Reads only what can be taken in one way. Gives the reason where something cannot. */
export function readStrictly(bytes: string): Reading | { readonly odd: string } {
  try {
    return strictly(bytes);
  } catch (error) {
    if (error instanceof Odd) return { odd: error.message };
    throw error;
  }
}

function strictly(bytes: string): Reading {
  const requests: string[] = [];
  for (let at = 0; ;) {
    if (at === bytes.length) return { requests };
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end === -1) return { requests, open: bytes.slice(at).split(' ', 2).join(' ') };
    const [line = '', ...lines] = bytes.slice(at, end).split('\r\n');
    const [, method, target] = requestLine.exec(line) ?? [];
    if (method === undefined || target === undefined) throw new Odd(`a request line ${JSON.stringify(line)}`);
    const body = strictBody(bytes, end + 4, fieldsOf(lines));
    if (body === undefined) return { requests, open: `${method} ${target}` };
    requests.push(`${method} ${target} ${body.length}`);
    at = body.next;
  }
}

function strictBody(bytes: string, start: number, fields: readonly [string, string][]): Body | undefined {
  const all = (name: string) => fields.flatMap(([key, value]) => (key === name ? [value] : []));
  const [lengths, codings] = [all('content-length'), all('transfer-encoding')];
  if (all('host').length !== 1) throw new Odd(`${all('host').length} Host headers`);
  if (lengths.length + codings.length > 1) throw new Odd('two framings');
  if (codings.some((coding) => coding !== 'chunked')) throw new Odd(`a coding ${String(codings)}`);
  if (lengths.some((length) => !/^(?:0|[1-9]\d{0,14})$/u.test(length)))
    throw new Odd(`a length ${String(lengths)}`);
  if (fields.some(([name]) => /^(?:content|transfer)_/u.test(name)))
    throw new Odd('an underscore in a framing');
  if (codings.length > 0) return strictChunks(bytes, start);
  const next = start + Number(lengths[0] ?? 0);
  return next > bytes.length ? undefined : { length: next - start, next };
}

function strictChunks(bytes: string, start: number, pieces: string[] = []): Body | undefined {
  let length = 0;
  for (let at = start; ;) {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) return undefined;
    const text = bytes.slice(at, end);
    if (!/^[\da-f]{1,8}$/iu.test(text)) throw new Odd(`a chunk's size ${JSON.stringify(text)}`);
    const size = Number.parseInt(text, 16);
    if (size === 0) {
      // Without trailers an empty line follows at once.
      const last = bytes.startsWith('\r\n', end + 2) ? end : bytes.indexOf('\r\n\r\n', end);
      if (last === -1) return undefined;
      const trailers = fieldsOf(last === end ? [] : bytes.slice(end + 2, last).split('\r\n'));
      const bad = trailers.find(([name]) => notInTrailers.has(name));
      if (bad !== undefined) throw new Odd(`a trailer ${bad[0]}`);
      return { length, next: last + 4 };
    }
    const after = end + 2 + size;
    if (after + 2 > bytes.length) return undefined;
    if (!bytes.startsWith('\r\n', after)) throw new Odd('a chunk that goes on');
    pieces.push(bytes.slice(end + 2, after));
    length += size;
    at = after + 2;
  }
}

// ------------------------------------------------------------------------------------------------- answers

const statusLine = /^HTTP\/1\.1 ([1-9]\d\d) [\t\x20-\x7e\x80-\xff]*$/u;

export interface ReadAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** The answer ended before it was whole. */
  readonly broken: boolean;
}

/** What a strict client reads who sent requests with these methods and saw the connection end; or why it cannot. */
export function readAnswers(
  bytes: string,
  methods: readonly string[],
): readonly ReadAnswer[] | { readonly odd: string } {
  try {
    return strictAnswers(bytes, methods);
  } catch (error) {
    if (error instanceof Odd) return { odd: error.message };
    throw error;
  }
}

function strictAnswers(bytes: string, methods: readonly string[]): readonly ReadAnswer[] {
  const answers: ReadAnswer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n\r\n', at);
    if (end === -1) throw new Odd(`the end of a connection ${JSON.stringify(bytes.slice(at))}`);
    const [line = '', ...lines] = bytes.slice(at, end).split('\r\n');
    const status = Number(statusLine.exec(line)?.[1] ?? Number.NaN);
    if (Number.isNaN(status)) throw new Odd(`a status line ${JSON.stringify(line)}`);
    const headers = fieldsOf(lines);
    const final = answers.filter((each) => each.status >= 200).length;
    const method = methods[final];
    if (method === undefined) throw new Odd(`an answer that nobody waits for: ${line}`);
    const body = answerBody(bytes, end + 4, { status, headers, method });
    answers.push({ status, headers, body: body.text, broken: body.broken });
    at = body.next;
  }
  return answers;
}

function answerBody(
  bytes: string,
  start: number,
  { status, headers, method }: Pick<ReadAnswer, 'status' | 'headers'> & { readonly method: string },
): { readonly text: string; readonly next: number; readonly broken: boolean } {
  const all = (name: string) => headers.flatMap(([key, value]) => (key === name ? [value] : []));
  const [length, ...lengths] = all('content-length');
  const codings = all('transfer-encoding');
  if (lengths.length > 0 || (length !== undefined && codings.length > 0)) throw new Odd('two framings');
  if (length !== undefined && !/^\d+$/u.test(length)) throw new Odd(`a length ${length}`);
  const empty = status < 200 || status === 204 || status === 304 || method === 'HEAD';
  if ((status < 200 || status === 204) && (length ?? codings[0]) !== undefined)
    throw new Odd('a framing of nothing');
  if (empty) return { text: '', next: start, broken: false };
  if (codings.length > 0) {
    const pieces: string[] = [];
    const chunks = strictChunks(bytes, start, pieces);
    return { text: pieces.join(''), next: chunks?.next ?? bytes.length, broken: chunks === undefined };
  }
  const next = length === undefined ? bytes.length : Math.min(bytes.length, start + Number(length));
  const broken = length !== undefined && next < start + Number(length);
  return { text: bytes.slice(start, next), next, broken };
}

// ---------------------------------------------------------------------------------------------- Node's reader

/** What Node's own server reads in these bytes. */
export async function readAsNode(bytes: string, insecure: boolean): Promise<Reading> {
  const begun: { readonly line: string; length: number; whole: boolean }[] = [];
  const server = createServer({
    insecureHTTPParser: insecure,
    requireHostHeader: false,
    shouldUpgradeCallback: () => false,
  });
  const over = Promise.withResolvers<void>();
  const take = (request: IncomingMessage): void => {
    const entry = { line: `${request.method} ${request.url}`, length: 0, whole: false };
    begun.push(entry);
    request.on('data', (chunk: Buffer) => (entry.length += chunk.length));
    request.on('end', () => (entry.whole = request.complete));
  };
  const answered = (request: IncomingMessage, response: { end(): unknown }): void => {
    take(request);
    response.end();
  };
  server.on('request', answered);
  server.on('checkContinue', answered);
  server.on('checkExpectation', answered);
  // A broken stream is reported by how it was read up to there.
  let isStuck = false;
  server.on('clientError', (error, socket) => {
    isStuck = 'code' in error && error.code === 'HPE_INVALID_METHOD';
    socket.destroy();
  });
  const stream = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(),
    final: (done) => done(),
  });
  stream.on('close', () => over.resolve());
  stream.on('error', () => over.resolve());
  server.emit('connection', stream);
  stream.push(Buffer.from(bytes, 'latin1'));
  stream.push(null);
  await over.promise;
  // What was read is told to listeners a little later than the end of its stream.
  await new Promise((resolve) => setImmediate(resolve));
  const open = begun.find(({ whole }) => !whole);
  return {
    requests: begun.filter(({ whole }) => whole).map(({ line, length }) => `${line} ${length}`),
    ...(open === undefined ? {} : { open: open.line }),
    ...(isStuck ? { isStuck } : {}),
  };
}

// ------------------------------------------------------------------------------------------------- together

/**
 * What everybody reads in these bytes, or who doubts. A request whose head is not whole yet is nobody's, so it is left
 * out.
 */
export async function readTogether(bytes: string): Promise<Reading | { readonly odd: string }> {
  const strict = readStrictly(bytes);
  if ('odd' in strict) return strict;
  const expected = strict.requests.join('\n');
  for (const belief of beliefs) {
    const gullible = readGullibly(bytes, belief).requests.join('\n');
    if (gullible !== expected) return { odd: `${belief.name}: ${gullible}` };
  }
  for (const insecure of [false, true]) {
    const { requests, isStuck = false } = await readAsNode(bytes, insecure);
    const node = requests.join('\n');
    if (node !== expected && !(isStuck && expected.startsWith(node))) return { odd: `Node: ${node}` };
  }
  return strict;
}
