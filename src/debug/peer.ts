/**
 * Our side of a Debug Adapter Protocol conversation: numbers, answers, reverse requests. Knows messages, not what
 * they mean.
 *
 * `@vscode/debugadapter` has a session class for this. It keeps a timer alive for every reverse request, swallows
 * what a listener throws, and would more than double this bundle; here a handler's promise is the answer.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Disposable } from '../base/disposable.ts';
import { Emitter, type Event } from '../base/event.ts';

/** Answers one request with the body of its response; a rejection's message becomes the error a person reads. */
export type Handler = (args: unknown) => Promise<object | undefined>;

export class Peer implements Disposable {
  readonly #sent = new Emitter<DebugProtocol.ProtocolMessage>();
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #waiting = new Map<
    number,
    { readonly resolve: () => void; readonly reject: (reason: Error) => void }
  >();
  #sequence = 1;

  /** What the other side is to be told. */
  readonly onDidSendMessage: Event<DebugProtocol.ProtocolMessage> = this.#sent.event;

  constructor(handlers: Readonly<Record<string, Handler>>) {
    this.#handlers = new Map(Object.entries(handlers));
  }

  handleMessage(message: DebugProtocol.ProtocolMessage): void {
    if (isRequest(message)) void this.#answer(message);
    else if (isResponse(message)) this.#settle(message);
  }

  event(event: string, body?: object): void {
    const message: DebugProtocol.Event = {
      seq: this.#next(),
      type: 'event',
      event,
      ...(body === undefined ? {} : { body }),
    };
    this.#sent.fire(message);
  }

  /** Asks the other side; rejects with its reason, or when the conversation is over. */
  async request(command: string, args: object): Promise<void> {
    const message: DebugProtocol.Request = { seq: this.#next(), type: 'request', command, arguments: args };
    await new Promise<void>((resolve, reject) => {
      this.#waiting.set(message.seq, { resolve, reject });
      this.#sent.fire(message);
    });
  }

  dispose(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('The debug session is over.'));
    this.#waiting.clear();
  }

  async #answer(request: DebugProtocol.Request): Promise<void> {
    const handler = this.#handlers.get(request.command);
    try {
      if (handler === undefined) throw new Error(`"${request.command}" is not something this debugger does.`);
      const body = await handler(request.arguments);
      this.#respond(request, true, body === undefined ? {} : { body });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const body: DebugProtocol.ErrorResponse['body'] = { error: { id: 1, format: text, showUser: true } };
      this.#respond(request, false, { message: text, body });
    }
  }

  #respond(
    request: DebugProtocol.Request,
    success: boolean,
    more: { message?: string; body?: object },
  ): void {
    const response: DebugProtocol.Response = {
      seq: this.#next(),
      type: 'response',
      request_seq: request.seq,
      command: request.command,
      success,
      ...more,
    };
    this.#sent.fire(response);
  }

  #settle(response: DebugProtocol.Response): void {
    const waiting = this.#waiting.get(response.request_seq);
    if (waiting === undefined) return;
    this.#waiting.delete(response.request_seq);
    if (response.success) waiting.resolve();
    else waiting.reject(new Error(response.message ?? `The editor refused "${response.command}".`));
  }

  #next(): number {
    return this.#sequence++;
  }
}

function isRequest(message: DebugProtocol.ProtocolMessage): message is DebugProtocol.Request {
  return message.type === 'request';
}

function isResponse(message: DebugProtocol.ProtocolMessage): message is DebugProtocol.Response {
  return message.type === 'response';
}
