/** Requests and answers: what comes in at a door, what is decided of it, and requests of our own to children. */

export type Headers = readonly (readonly [name: string, value: string])[];

export interface RequestHead {
  readonly method: string;
  /** As on the request line: path and query. */
  readonly target: string;
  /** `1.0` or `1.1`. */
  readonly version: string;
  /** In order, names as sent. */
  readonly headers: Headers;
  /** The client's address. */
  readonly remote: string;
  /** An `Upgrade` request (WebSocket, HMR). */
  readonly upgrade: boolean;
}

/** Who waits for the answer to a request. */
export interface Client {
  readonly hasLeft: boolean;
  /** Called once, when it leaves; whoever the request waits with sets it, and takes it back when the waiting is over. */
  whenLeft: (() => void) | undefined;
}

export interface Answer {
  readonly status: number;
  /** Of the status line; absent: the usual one. */
  readonly reason?: string;
  readonly headers: Headers;
  readonly body: string;
  /** What is no text; stands instead of `body`. */
  readonly bytes?: Uint8Array;
}

/** What to do with a request. */
export type Decision =
  | {
      readonly kind: 'answer';
      readonly answer: Answer;
      readonly service?: string;
      /** The request's body is read first, up to so many bytes, so that the client gets to see the answer (HP-36). */
      readonly drain?: number;
    }
  /** A file as it is, streamed, with the length it has when it is opened. What cannot be opened is answered with `gone`. */
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly status: number;
      readonly headers: Headers;
      readonly gone: Answer;
      readonly service?: string;
    }
  | {
      readonly kind: 'forward';
      readonly service: string;
      readonly instance: string;
      readonly host: string;
      readonly port: number;
      /** Called once, when the exchange is over however it ended: for counting what an instance is busy with. */
      done(): void;
      /** The upstream failed before a byte of its response came: what to answer. */
      failed(failure: UpstreamFailure): Promise<Answer>;
      /** There was no connection, so the request was seen by nobody: who else may have it. Counts as busy at once. */
      elsewhere?(): Forward | undefined;
      /**
       * The whole answer is read first, at most `limit` bytes of body, and what is made of it is answered instead:
       * the reference form (spec 2.4, 2.5). `bodyless`: the child answers as if nobody wanted its body (HEAD).
       */
      readonly collect?: Collect;
      /** What is sent instead of the client's head; then no pass of the plain profile is applied. */
      readonly send?: SentHead;
      /** The connection is made for this request and closed after it (spec 2.4). */
      readonly ownConnection?: true;
      /**
       * Asked when the head of the answer has come: another instance that is to have the request instead, for which
       * its body is kept, up to `keepBody` bytes (spec 5.7). The answer is then read and dropped. A promise, which never
       * rejects, where the other one has to finish a request first.
       */
      again?(status: number): Forward | Answer | undefined | Promise<Forward | Answer | undefined>;
      readonly keepBody?: number;
      /** The exchange has become one that lasts (an upgrade, an event stream): nobody waits for its end. Called at most once. */
      lasting?(): void;
      /** The head of the answer has come, after so many milliseconds. Called at most once. */
      answered?(status: number): void;
      /** Headers that the answer gets in addition, such as a cookie. */
      readonly addHeaders?: Headers;
      readonly timeouts?: Timeouts;
      /** The service speaks FastCGI: this is asked instead of `host` and `port`. */
      readonly fastcgi?: FastCgiRequest;
    };

export type Forward = Extract<Decision, { readonly kind: 'forward' }>;

/** All in milliseconds; 0: no limit. */
export interface Timeouts {
  readonly connectMs: number;
  readonly responseMs: number;
  readonly silenceMs: number;
}

/** A request as it goes to a child; the framing of its body is the data plane's: `Content-Length` as the client told it. */
export interface SentHead {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
}

export interface Collect {
  readonly limit: number;
  /** Never rejects. */
  finish(response: Received): Answer | Promise<Answer>;
}

/** A whole response. */
export interface Received {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** How many bytes the body had, of which at most `limit` were kept. */
  readonly length: number;
  /** The body broke off (HP-19). */
  readonly broken: boolean;
}

/** Requests of our own to children: ready, stop and background requests, and the API server's end. */
export interface HttpClient {
  /** On a connection of its own that is closed afterwards. Never rejects. */
  send(request: {
    readonly host: string;
    readonly port: number;
    readonly head: SentHead;
    readonly body?: Uint8Array;
    /** For the whole exchange; 0: no limit. */
    readonly timeoutMs: number;
    /** How much of the body is kept. */
    readonly limit: number;
    /** Nobody wants the answer any more once it resolves. */
    readonly calledOff?: Promise<void>;
    /** Called once all of the request has been handed to a connection that stands; never where none came about. */
    readonly sent?: () => void;
  }): Promise<Received | UpstreamFailure>;
}

/** A request in the words of CGI, for an instance or for whatever accepts on the socket that a service's instances share. */
export interface FastCgiRequest {
  readonly at:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string };
  /** In order; each character of a value stands for one byte. `CONTENT_LENGTH` is missing where it is not known yet. */
  readonly params: readonly (readonly [name: string, value: string])[];
  /** One instance listens there by itself, so that it is known who answers. */
  readonly isAlone?: true;
  /** The program's words about this request, on the error stream of the protocol. */
  said(line: string): void;
}

export type UpstreamFailure =
  | {
      readonly kind: 'unreachable';
      readonly reason: string;
      /** There was no connection at all, so the instance cannot have seen the request. */
      readonly refused: boolean;
    }
  | { readonly kind: 'bad-response'; readonly reason: string }
  /** One of the request's time limits ran out. */
  | { readonly kind: 'timed-out'; readonly reason: string };

export interface DoorRequest {
  readonly service?: string;
  readonly instance?: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

export interface Doors {
  /** Opens an HTTP listener. `port` 0 takes a free one. Rejects with `{ code: 'EADDRINUSE' }` when the port is taken. */
  open(options: {
    readonly host: string;
    readonly port: number;
    readonly decide: (head: RequestHead, client?: Client) => Decision | Promise<Decision>;
    onRequest?(request: DoorRequest): void;
  }): Promise<Door>;
}

export interface Door {
  readonly host: string;
  readonly port: number;
  /**
   * Stops listening at once, and ends what is under way: at once, or when it is over and at the latest after `graceMs`.
   * Resolves when all of it is. Called again without grace, it waits no longer.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}
