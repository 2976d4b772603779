/** One client: a connection that asks for one thing after the other and believes nothing. */

import { connect, type Socket } from 'node:net';
import { bodyOf, holds, methodOf } from './bodies.ts';
import type { Ledger } from './ledger.ts';

export interface Supply {
  readonly port: number;
  readonly ledger: Ledger;
  /** The next request's number; undefined: there is none any more. */
  next(): number | undefined;
  /** Changes with each kill, and when a killed instance is known to be gone; odd while one is not. */
  trouble(): number;
  /** A request is over. */
  over(): void;
}

interface Asked {
  readonly id: number;
  readonly trouble: number;
}

interface Head {
  readonly status: number;
  readonly id: number;
  readonly pid: number;
  readonly length: number;
  readonly ours: boolean;
}

/** Resolves when the supply is used up. */
export function ask(supply: Supply): Promise<void> {
  return new Promise((resolve) => {
    new Client(supply, resolve).connect();
  });
}

class Client {
  readonly #supply: Supply;
  readonly #finished: () => void;
  #socket: Socket | undefined;
  #asked: Asked | undefined;
  #parts: Buffer[] = [];
  #held = 0;
  #head: Head | undefined;

  constructor(supply: Supply, finished: () => void) {
    this.#supply = supply;
    this.#finished = finished;
  }

  connect(): void {
    const socket = connect({ host: '127.0.0.1', port: this.#supply.port, noDelay: true });
    this.#socket = socket;
    socket.on('data', (bytes) => this.#read(bytes));
    // 'close' follows.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#closed());
    this.#send();
  }

  #send(): void {
    const id = this.#supply.next();
    if (id === undefined) {
      this.#socket?.end();
      this.#finished();
      return;
    }
    this.#asked = { id, trouble: this.#supply.trouble() };
    const method = methodOf(id);
    const head = `${method} /${id} HTTP/1.1\r\nHost: 127.0.0.1:${this.#supply.port}\r\n`;
    if (method === 'GET') {
      this.#socket?.write(`${head}\r\n`);
    } else {
      const body = bodyOf(id);
      this.#socket?.write(
        Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`, 'latin1'), body]),
      );
    }
  }

  #read(bytes: Buffer): void {
    if (this.#asked === undefined) {
      this.#supply.ledger.wrong(`${bytes.length} bytes came that nobody had asked for.`);
      return;
    }
    this.#parts.push(bytes);
    this.#held += bytes.length;
    if (this.#head === undefined) {
      const all = this.#join();
      const end = all.indexOf('\r\n\r\n', 0, 'latin1');
      if (end < 0) return;
      this.#head = headOf(all.toString('latin1', 0, end + 2));
      this.#keep(all.subarray(end + 4));
    }
    if (this.#held < this.#head.length) return;
    const all = this.#join();
    const { length } = this.#head;
    this.#judge(this.#asked.id, this.#head, all.subarray(0, length));
    this.#reset();
    if (all.length > length)
      this.#supply.ledger.wrong(`${all.length - length} bytes came behind an answer that was over.`);
    this.#send();
  }

  #judge(id: number, head: Head, body: Buffer): void {
    const { ledger } = this.#supply;
    const troubled = this.#isTroubled();
    if (head.status === 200) {
      if (head.id !== id) ledger.wrong(`Request ${id} got the answer to ${head.id}.`);
      else if (!holds(body, id)) ledger.wrong(`Request ${id} got another body than its own.`);
      ledger.ended(id, 'answered', { troubled, pid: head.pid });
    } else {
      const said = body.toString('utf8').split('\n', 1)[0] ?? '';
      if (!head.ours) ledger.wrong(`Request ${id} got a ${head.status}: ${said}`);
      ledger.ended(id, 'refused', { troubled, said: `${head.status} ${said}` });
    }
    this.#supply.over();
  }

  #isTroubled(): boolean {
    const then = this.#asked?.trouble ?? 0;
    const now = this.#supply.trouble();
    return now !== then || now % 2 === 1;
  }

  #closed(): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    // Nothing at all is no answer, which the ledger will say by itself.
    if (this.#head !== undefined || this.#held > 0)
      this.#supply.ledger.ended(asked.id, 'broken', { troubled: this.#isTroubled() });
    this.#supply.over();
    this.#reset();
    this.connect();
  }

  #join(): Buffer {
    const [only] = this.#parts;
    const all = this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts);
    this.#keep(all);
    return all;
  }

  #keep(bytes: Buffer): void {
    this.#parts = [bytes];
    this.#held = bytes.length;
  }

  #reset(): void {
    this.#asked = undefined;
    this.#head = undefined;
    this.#parts = [];
    this.#held = 0;
  }
}

function headOf(text: string): Head {
  const number = (name: string): number =>
    Number(new RegExp(`^${name}:\\s*(\\d+)`, 'imu').exec(text)?.[1] ?? 0);
  return {
    status: Number(text.slice(9, 12)),
    id: number('x-soak'),
    pid: number('x-soak-pid'),
    length: number('content-length'),
    ours: /^x-local-runtimes:/imu.test(text),
  };
}
