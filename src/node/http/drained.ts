/**
 * Answers a request once its body has been read, for clients that look for an answer only when they have said
 * everything (HP-36). The connection ends with it.
 */

import type { Answer } from '../../core/outside.ts';
import { sendAnswer } from './answer.ts';
import type { Carrier, ClientSide } from './sides.ts';

/** `most`: a body is read up to so many bytes; the answer to a longer one comes before it is over. */
export function answerAfterBody(client: ClientSide, answer: Answer, most: number): Carrier | undefined {
  const { bodyLength } = client;
  // Who waits to be asked for its body is told at once that nobody wants it.
  if (bodyLength === 0 || client.expects || (bodyLength !== 'chunked' && bodyLength > most)) {
    sendAnswer(client, answer, bodyLength !== 0);
    return undefined;
  }
  const draining = new Draining(client, answer, most);
  client.openBody(draining);
  return draining;
}

class Draining implements Carrier {
  readonly #client: ClientSide;
  readonly #answer: Answer;
  #left: number;

  constructor(client: ClientSide, answer: Answer, most: number) {
    this.#client = client;
    this.#answer = answer;
    this.#left = most;
  }

  requestPiece(piece: Buffer): void {
    this.#left -= piece.length;
  }

  requestTurn(): void {
    if (this.#left < 0) this.#send();
  }

  requestOver(): void {
    this.#send();
  }

  clientTakesMore(): void {
    // The answer is all in one piece.
  }

  clientLeft(): void {
    // Then nobody is answered.
  }

  #send(): void {
    sendAnswer(this.#client, this.#answer, true);
  }
}
