import assert from 'node:assert/strict';
import { appendFile, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { urlIn } from './reading.ts';
import { files, memoryOf } from './system.ts';

const megabyte = 1024 * 1024;
const floodMegabytes = 1024;
/** How much of it may stay with us: what a folder's host, its tail and an open channel need, and no part of a gigabyte. */
const allowedMegabytes = 150;

/** Writes a gigabyte of numbered lines in large pieces when it is asked to, then stays. */
const flooding = `
import { createServer } from 'node:http';
import { writeSync } from 'node:fs';

const line = (number) => String(number).padStart(10, '0') + ' ' + 'x'.repeat(116) + '\\n';
const inPiece = 512;

async function flood() {
  let number = 0;
  for (let bytes = 0; bytes < ${floodMegabytes} * 1024 * 1024; ) {
    let piece = '';
    for (let count = 0; count < inPiece; count += 1) piece += line(++number);
    bytes += piece.length;
    await new Promise((resolve) => process.stderr.write(piece, resolve));
  }
  process.stderr.write('that was the last line\\n');
}

createServer((request, response) => {
  if (request.url === '/flood') void flood();
  response.end('alive\\n');
}).listen(process.env.PORT, '127.0.0.1', () => console.error('ready to flood'));
`;

async function tailOf(path: string): Promise<string> {
  await using file = await open(path);
  const { size } = await file.stat();
  const start = Math.max(0, size - 200);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, size - start, start);
  return buffer.toString('utf8', 0, bytesRead);
}

describe('logs (issue 2, point 4)', () => {
  let editor: Editor;
  before(async () => {
    editor = await Editor.open();
    await writeFile(join(editor.folder, 'flooding.mjs'), flooding);
    await appendFile(join(editor.folder, 'runtimes.yaml'), '\n  flooding:\n    command: node flooding.mjs\n');
    await editor.openView('Runtimes');
    await editor.row('flooding.0').waitFor();
  });
  after(async () => await editor.close());

  async function outputHolds(text: string, seconds = 30): Promise<void> {
    await editor.waitFor(
      `"${text}" in the output`,
      async () => (await editor.outputLines()).some((line) => line.includes(text)),
      seconds,
    );
  }

  /** Chooses a command, waits for what the extension asks, and leaves it at that. Resolves with the seconds it took. */
  async function askEditor(): Promise<number> {
    const asked = performance.now();
    await editor.command('Local Runtimes: Restart Service');
    await editor.picks();
    await editor.page.keyboard.press('Escape');
    return (performance.now() - asked) / 1000;
  }

  /** The line of the request that the other instance answered. */
  let ofTheOther: string | undefined;

  it('show log opens the channel of an instance, with what it said so far, and follows it', async () => {
    await editor.rowAction('web,', 'Start Service');
    await editor.row('web.1, instance, RUNNING').waitFor();
    await editor.rowAction('web.0', 'Show Instance Log');
    await outputHolds('web listens on http://127.0.0.1:');
    const url = urlIn(await editor.label('web,'));
    // One of the two turns is web.0's.
    for (const turn of ['one', 'two']) await fetch(new URL(`/followed-${turn}`, url));
    await outputHolds('GET /followed-');
    ofTheOther = (await editor.outputLines()).find((line) => line.includes('GET /followed-'));
    await editor.restMouse();
    await editor.screenshot('logs-followed');
  });

  it('what it prints past its port line is there too: another instance has a channel of its own', async () => {
    await editor.rowMenu('web.1', 'Show Instance Log');
    await outputHolds('GET /followed-');
    // The panel may still show the other channel for a moment: what it holds settles on this one's own line.
    await editor.waitFor('a channel with one line of its own', async () => {
      const lines = (await editor.outputLines()).filter((line) => line.includes('GET /followed-'));
      return lines.length === 1 && lines[0] !== ofTheOther;
    });
  });

  it('a gigabyte of stderr loses neither the tail nor a byte of the file, and does not grow our memory', async (t) => {
    await editor.rowAction('flooding,', 'Start Service');
    await editor.row('flooding.0, instance, RUNNING').waitFor();
    await editor.rowAction('flooding.0', 'Show Instance Log');
    await outputHolds('ready to flood');
    const [host] = await editor.server.extensionHosts();
    assert.ok(host !== undefined);
    // What the editor itself needs for answering is there before we measure.
    const calm = [await askEditor(), await askEditor(), await askEditor()];
    const before = await memoryOf(host);
    const began = performance.now();
    await fetch(new URL('/flood', urlIn(await editor.label('flooding,'))));

    // While it floods, the editor does what a person asks of it.
    const busy: number[] = [];
    const flood = { isOver: false };
    const tail = outputHolds('that was the last line', 120).finally(() => {
      flood.isOver = true;
    });
    tail.catch(() => undefined);
    while (!flood.isOver) {
      busy.push(await askEditor());
      if (busy.length === 2) await editor.screenshot('logs-flooding');
    }
    await tail;
    const took = (performance.now() - began) / 1000;
    const after = await memoryOf(host);
    await editor.screenshot('logs-flooded');
    t.diagnostic(
      `${floodMegabytes} MB in ${took.toFixed(1)} s; extension host ${before.now.toFixed(0)} MB before, ` +
        `${after.now.toFixed(0)} MB after, peak ${after.peak.toFixed(0)} MB`,
    );
    const range = (seconds: readonly number[]): string =>
      `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)} s`;
    t.diagnostic(
      `a command from the palette and its quick pick: ${range(calm)} before, ${range(busy)} meanwhile`,
    );
    assert.ok(busy.length > 0);
    assert.ok(after.peak - before.now < allowedMegabytes, `grew by ${after.peak - before.now} MB`);
  });

  it('the log file holds every byte, up to the last line', async () => {
    const lines = Math.ceil((floodMegabytes * megabyte) / (512 * 128)) * 512;
    const expected = 'ready to flood\n'.length + lines * 128 + 'that was the last line\n'.length;
    const logs = await files(join(editor.server.home, 'data'), /^flooding\.0\.log/);
    assert.ok(logs.length > 0);
    const sizes = await Promise.all(logs.map(async (path) => (await stat(path)).size));
    assert.equal(
      sizes.reduce((sum, size) => sum + size, 0),
      expected,
      logs.join(', '),
    );
    const newest = logs.find((path) => path.endsWith('.log'));
    assert.ok(newest !== undefined);
    assert.match(await tailOf(newest), /(?:^|\n)that was the last line\n$/);
  });
});
