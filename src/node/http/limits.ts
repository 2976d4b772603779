/** How patient and how generous the data plane is. All times in milliseconds. */

export interface Limits {
  /**
   * Longest head of a request or response, in bytes. Browsers send the cookies of every port of `localhost` to each
   * of them, so on a machine with many services the usual 16 KiB are soon used up.
   */
  readonly head: number;
  /** Most header lines of a head, and most trailers of a body. */
  readonly fields: number;
  /** A client that has not sent its whole head by then is sent away (slowloris). Bodies may take for ever. */
  readonly headMs: number;
  /** How long an idle connection of a client is kept. */
  readonly clientIdleMs: number;
  /**
   * How long an idle connection to an instance is kept. Shorter than any server we know keeps its own (gunicorn: 2
   * s, Node and uvicorn: 5 s), so that we seldom write into a connection that is just being closed.
   */
  readonly instanceIdleMs: number;
  /** How long a client that was refused may go on sending before it is cut off. */
  readonly lingerMs: number;
  /**
   * Who has ended its side may still listen or may be gone. As long as something moves so often, it is taken to listen.
   */
  readonly halfClosedMs: number;
  /** When nobody has taken for so long what a client sends, it is seen to whether the client is still there. */
  readonly stallMs: number;
  /**
   * When nobody has taken anything for so long, and more of it waits than is read ahead, the client is given up. It may
   * have left long ago, which nobody can see then, or just wait for an instance that stands at a breakpoint.
   */
  readonly giveUpMs: number;
  /** When an instance says nothing for so long, a client that waits for `100 Continue` is told to go on. */
  readonly goOnMs: number;
  /** How much of a request's body is kept in memory where CGI wants its length before its first byte. */
  readonly spoolMemory: number;
  /** The longest such body; what goes beyond the memory is in a temporary file. */
  readonly spool: number;
}

export const usual: Limits = {
  head: 64 * 1024,
  fields: 500,
  headMs: 60_000,
  clientIdleMs: 65_000,
  instanceIdleMs: 1_000,
  lingerMs: 1_000,
  halfClosedMs: 5_000,
  stallMs: 1_000,
  giveUpMs: 600_000,
  goOnMs: 1_000,
  spoolMemory: 1024 * 1024,
  spool: 1024 * 1024 * 1024,
};
