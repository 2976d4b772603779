/**
 * The exact sentences of the reference (spec 1.10, 1.5). Tools and tests compare them byte for byte, so they
 * stand alone here; what people read besides comes from the fault catalogue.
 */

/** The child answered with something that is not HTTP. `message` is the parser's. */
export const badResponse = (message: string): string =>
  `the runtime process gave a bad HTTP response: ${message}`;

/** The connection or the transfer failed, and the child is dead. */
export const unexpectedlyQuit = (port: number): string =>
  `the runtime process for the instance running on port ${port} has unexpectedly quit`;

/** The same, where instances share a socket that has no port of its own. */
export const unexpectedlyQuitAt = (url: string): string =>
  `the runtime process for the instance running on ${url} has unexpectedly quit`;

/** The one attempt of the reference's older generation failed (RP-33). */
export const cannotConnectOnce = (port: number): string => `cannot connect to runtime on port ${port}`;

/** The same for a shared socket. */
export const cannotConnectToSocket = (url: string): string => `cannot connect to runtime on ${url}`;

/** The give-up rule of 1.5: the child ended, or the retries did, before its port answered. */
export const cannotConnect = (host: string, port: number): string =>
  `Cannot connect to the instance on ${host}:${port}`;
