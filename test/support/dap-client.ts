/** The editor's side of a debug session, written by hand: sends requests, keeps what comes, answers reverse requests. */

import type { DebugProtocol } from '@vscode/debugprotocol';

export interface Adapter {
  readonly onDidSendMessage: (listener: (message: DebugProtocol.ProtocolMessage) => void) => {
    dispose(): void;
  };
  handleMessage(message: DebugProtocol.ProtocolMessage): void;
  dispose(): void;
}

export class DapClient {
  readonly events: DebugProtocol.Event[] = [];
  /** Configurations of child sessions the adapter asked for. */
  readonly children: Record<string, unknown>[] = [];
  readonly #adapter: Adapter;
  readonly #waiting = new Map<number, (response: DebugProtocol.Response) => void>();
  readonly #looks = new Set<() => void>();
  #sequence = 1;

  constructor(adapter: Adapter) {
    this.#adapter = adapter;
    adapter.onDidSendMessage((message) => this.#receive(message));
  }

  /** Resolves with the body; rejects with the text that the editor would show. */
  async request(command: string, args: object = {}): Promise<unknown> {
    const request: DebugProtocol.Request = {
      seq: this.#sequence++,
      type: 'request',
      command,
      arguments: args,
    };
    const response = await new Promise<DebugProtocol.Response>((resolve) => {
      this.#waiting.set(request.seq, resolve);
      this.#adapter.handleMessage(request);
    });
    if (!response.success) throw new Error(response.message);
    return response.body;
  }

  /** What the debug console shows. */
  get console(): string {
    return this.events
      .filter(({ event }) => event === 'output')
      .map(({ body }) => (body as DebugProtocol.OutputEvent['body']).output)
      .join('');
  }

  count(event: string): number {
    return this.events.filter((each) => each.event === event).length;
  }

  /** Resolves as soon as something is so, looking again after every message. */
  async until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
    });
  }

  dispose(): void {
    this.#adapter.dispose();
  }

  #receive(message: DebugProtocol.ProtocolMessage): void {
    if (message.type === 'event') this.events.push(message as DebugProtocol.Event);
    if (message.type === 'response') {
      const response = message as DebugProtocol.Response;
      this.#waiting.get(response.request_seq)?.(response);
      this.#waiting.delete(response.request_seq);
    }
    if (message.type === 'request') this.#accept(message as DebugProtocol.Request);
    for (const look of [...this.#looks]) look();
  }

  #accept(request: DebugProtocol.Request): void {
    const { configuration } = request.arguments as DebugProtocol.StartDebuggingRequestArguments;
    this.children.push(configuration);
    const response: DebugProtocol.Response = {
      seq: this.#sequence++,
      type: 'response',
      request_seq: request.seq,
      command: request.command,
      success: true,
    };
    this.#adapter.handleMessage(response);
  }
}
