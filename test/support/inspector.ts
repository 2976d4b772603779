/** A debugger of our own for Node processes, small enough to trust: speaks to an inspector over its WebSocket. */

export interface InspectorAddress {
  readonly host: string;
  readonly port: number;
}

interface Notification {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Message extends Partial<Notification> {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #seen: Notification[] = [];
  readonly #looks = new Set<() => void>();
  /** Resolves once the connection is gone: the process ended, or we let go. */
  readonly closed: Promise<void>;
  #next = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', () => {
        for (const answer of this.#waiting.values()) answer({ error: { message: 'the process is gone' } });
        this.#waiting.clear();
        resolve();
      });
    });
    socket.addEventListener('message', ({ data }) => this.#receive(JSON.parse(String(data)) as Message));
  }

  /** `stays`: even when the process is done and waits for its debuggers to leave. */
  static async connect({ host, port }: InspectorAddress, stays = false): Promise<Inspector> {
    const targets = (await (await fetch(`http://${host}:${port}/json`)).json()) as readonly {
      readonly webSocketDebuggerUrl: string;
    }[];
    const url = targets[0]?.webSocketDebuggerUrl;
    if (url === undefined) throw new Error(`Nothing to debug at ${host}:${port}`);
    const socket = new WebSocket(url);
    const inspector = new Inspector(socket);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('close', () => reject(new Error(`Cannot connect to ${url}`)));
    });
    await inspector.send('Debugger.enable');
    // A process that is done waits for its debuggers to leave; a good debugger asks to be told.
    if (!stays) await inspector.send('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
    return inspector;
  }

  async send(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = this.#next++;
    const answer = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { error, result } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Sets a breakpoint at a line (1-based) of a file and resolves with how many places it bound to. */
  async breakAt(file: RegExp, line: number): Promise<number> {
    const result = await this.send('Debugger.setBreakpointByUrl', {
      urlRegex: file.source,
      lineNumber: line - 1,
    });
    return (result['locations'] as readonly unknown[]).length;
  }

  /** The next notification of a kind, also one that has already come and was not taken yet. */
  async next(method: string): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      const index = this.#seen.findIndex((each) => each.method === method);
      const [found] = index < 0 ? [] : this.#seen.splice(index, 1);
      if (found !== undefined) return found.params;
      await new Promise<void>((resolve) => this.#looks.add(resolve));
    }
  }

  /** Detaches: breakpoints are gone, and a paused process goes on. */
  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  #receive(message: Message): void {
    const { id, method, params = {} } = message;
    if (id !== undefined) {
      this.#waiting.get(id)?.(message);
      this.#waiting.delete(id);
    }
    if (method === undefined) return;
    if (method === 'NodeRuntime.waitingForDisconnect') this.#socket.close();
    this.#seen.push({ method, params });
    const looks = [...this.#looks];
    this.#looks.clear();
    for (const look of looks) look();
  }
}
