/**
 * The request that is under way on a client's connection, as its carrier sees it: its body comes in here and the
 * response goes out. When the next one begins, and how the connection is read and closed, is not known here.
 *
 * There is one for each connection, and it serves one request after the other.
 */

import type { Decision, Headers } from '../../core/outside.ts';
import { answer, mistake } from '../../core/proxy/answers.ts';
import { refusal } from '../../core/proxy/target.ts';
import { sendAnswer } from './answer.ts';
import { type BodyReader, bodyReader } from './body-reader.ts';
import { Exchange } from './exchange.ts';
import { wordsOf } from './failure.ts';
import type { Problem } from './fields.ts';
import type { Wanted } from './half-closed.ts';
import type { RequestRead } from './head-reader.ts';
import type { Carriage, Line } from './line.ts';
import type { ResponseWriter } from './response-writer.ts';
import type { Carrier, ClientSide, SentResponse, Taken } from './sides.ts';

export class ClientRequest implements ClientSide, Wanted {
  readonly #line: Line;
  readonly #carriage: Carriage;
  readonly #response: ResponseWriter;
  #request: RequestRead | undefined;
  #exchange: Exchange | undefined;
  #carrier: Carrier | undefined;
  #body: BodyReader | undefined;
  #wholeAt = 0;
  #isBodyOpen = false;
  #hasBodyBegun = false;
  #isAnswered = false;

  constructor(line: Line, carriage: Carriage, response: ResponseWriter) {
    this.#line = line;
    this.#carriage = carriage;
    this.#response = response;
  }

  /** `isLast`: there is no request after it. */
  begin(request: RequestRead, isLast: boolean): void {
    const { head } = request;
    const exchange = new Exchange(head, this.#carriage.door);
    this.#request = request;
    this.#exchange = exchange;
    this.#wholeAt = exchange.startedAt;
    this.#carrier = undefined;
    this.#body = request.body === 0 ? undefined : bodyReader(request.body, this.#carriage.limits);
    this.#isBodyOpen = false;
    this.#hasBodyBegun = false;
    this.#isAnswered = false;
    this.#response.next(request.expects, request.isLasting && !head.upgrade && !isLast);
    const wrong = refusal(head);
    if (wrong !== undefined) {
      sendAnswer(this, answer(wrong.status, { text: `${wrong.reason}\n` }), true);
      return;
    }
    if (this.#line.hasEnded) this.#line.awaitMove();
    const decision = exchange.decide();
    if (decision instanceof Promise) void decision.then((decided) => this.#carry(exchange, decided));
    else this.#carry(exchange, decision);
  }

  #carry(exchange: Exchange, decision: Decision): void {
    // The client may have left while it was decided.
    if (exchange.over || exchange !== this.#exchange || this.#line.socket.destroyed) return;
    try {
      const carrier = this.#carriage.carry(this, decision);
      if (!this.#isAnswered && this.#exchange === exchange) this.#carrier = carrier;
    } catch (error) {
      sendAnswer(this, mistake(wordsOf(error)), true);
    }
  }

  /** What comes over the connection is not of it any more. */
  forget(): void {
    this.#request = undefined;
  }

  #free(): void {
    this.#request = undefined;
    this.#exchange = undefined;
    this.#line.becomeFree();
  }

  /** The connection is gone. */
  left(): void {
    const carrier = this.#carrier;
    const exchange = this.#exchange;
    this.#carrier = undefined;
    carrier?.clientLeft();
    exchange?.end();
  }

  clientTakesMore(): void {
    this.#carrier?.clientTakesMore();
  }

  get exchange(): Exchange {
    const exchange = this.#exchange;
    if (exchange === undefined) throw new Error('nothing is under way on this connection');
    return exchange;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get isUndecided(): boolean {
    return this.#carrier === undefined;
  }

  get isInLine(): boolean {
    return this.#exchange?.isAwaited === true;
  }

  get isUpgrade(): boolean {
    return this.#request?.head.upgrade === true;
  }

  /** Nobody waits for its end. */
  get isLasting(): boolean {
    return this.#exchange?.isLasting === true;
  }

  get isEndless(): boolean {
    return this.isLasting || this.isUpgrade;
  }

  get wholeAt(): number {
    return this.#wholeAt;
  }

  // ------------------------------------------------------------------------------------------------- the body

  get bodyLength(): number | 'chunked' {
    return this.#request?.body ?? 0;
  }

  get isBodyOver(): boolean {
    return this.#body === undefined;
  }

  get isBodyTaken(): boolean {
    return this.#isBodyOpen && !this.#line.unread.isPaused;
  }

  get expects(): boolean {
    return this.#request?.expects === true;
  }

  openBody(carrier: Carrier): void {
    this.#carrier = carrier;
    if (!this.#response.mayGoOn) this.#line.lookIn(this.#carriage.limits.goOnMs);
    this.#letBodyCome();
  }

  /** Asks for the body that the client keeps until it is asked, where nobody has done so. */
  askForBody(): void {
    if (!this.#isBodyOpen || this.#response.mayGoOn || this.#hasBodyBegun) return;
    // The instance may know nothing of it, and then each would wait for the other for ever (RFC 9110, 10.1.1).
    this.inform(100, 'Continue', []);
    this.flush();
  }

  #letBodyCome(): void {
    const { unread } = this.#line;
    this.#isBodyOpen = true;
    unread.resume();
    if (this.#body !== undefined && unread.rest.length > 0) this.#readBody(this.#body, unread.takeRest());
  }

  pauseBody(): void {
    if (this.#body !== undefined) this.#line.pause();
  }

  resumeBody(): void {
    if (this.#line.unread.isPaused) this.#letBodyCome();
  }

  /** False: nobody takes them now, or they are not of its body. */
  read(bytes: Buffer): boolean {
    if (this.#body === undefined || !this.#isBodyOpen) return false;
    this.#readBody(this.#body, bytes);
    return true;
  }

  #readBody(body: BodyReader, bytes: Buffer): void {
    const line = this.#line;
    this.#hasBodyBegun = true;
    const end = body.read(bytes, 0, this);
    if (typeof end === 'object') {
      this.#breakBody(end);
      return;
    }
    if (!body.isOver) {
      this.#carrier?.requestTurn();
      // The rest of it never comes.
      if (line.hasEnded && this.#isAnswered) line.close();
      else if (line.hasEnded) line.socket.destroy();
      return;
    }
    this.#body = undefined;
    this.#wholeAt = performance.now();
    if (end < bytes.length) line.unread.rest = bytes.subarray(end);
    if (this.#isAnswered) {
      this.#free();
      return;
    }
    this.#carrier?.requestOver(body.trailers);
    // Unless that was answered at once.
    if (line.isBusy && this.#body === undefined && !this.#isAnswered && line.unread.rest.length > 0)
      line.lookAhead();
  }

  bodyPiece(piece: Buffer): void {
    if (!this.#isAnswered) this.#carrier?.requestPiece(piece);
  }

  /** The body turns out to be none, so that nobody knows where the next request begins. */
  #breakBody(problem: Problem): void {
    const carrier = this.#carrier;
    const exchange = this.#exchange;
    this.#carrier = undefined;
    carrier?.clientLeft();
    if (this.#response.hasBegun || this.#isAnswered) {
      this.#line.socket.destroy();
      return;
    }
    exchange?.answered(problem.status);
    this.#line.refuse(problem);
    exchange?.end();
  }

  // --------------------------------------------------------------------------------------------- the response

  get hasBegun(): boolean {
    return this.#response.hasBegun;
  }

  get holdsPieces(): boolean {
    return this.#response.output.holdsPieces;
  }

  inform(status: number, reason: string, headers: Headers): void {
    if (this.#request?.head.version === '1.1') this.#response.inform(status, reason, headers);
  }

  respond(head: SentResponse): void {
    const request = this.#request;
    const response = this.#response;
    const { hasEnded, unread } = this.#line;
    if (request === undefined || response.hasBegun) return;
    // Whether the body still comes that the client waits to be asked for, nobody knows.
    const isUnasked =
      !response.mayGoOn && !this.#hasBodyBegun && this.#body !== undefined && unread.rest.length === 0;
    if (isUnasked || (hasEnded && unread.isNone)) response.isLasting = false;
    if (hasEnded && this.isLasting) this.#line.lookIn(1);
    response.respond(request.head, head);
  }

  write(piece: Buffer): void {
    this.#response.write(piece);
  }

  flush(): boolean {
    return this.#response.output.flush();
  }

  end(trailers: Headers): void {
    if (this.#isAnswered || !this.#line.isBusy) return;
    this.#response.end(trailers);
    this.#isAnswered = true;
    this.#carrier = undefined;
    this.#exchange?.end();
    if (!this.#response.isLasting) this.#line.close();
    else if (this.#body === undefined) this.#free();
    // The rest of the body is taken in and dropped, so that the client gets to read what we said.
    else this.#letBodyCome();
  }

  abort(): void {
    this.#carrier = undefined;
    const { hasBegun, isFramed } = this.#response;
    if (!hasBegun || (isFramed && !this.isUpgrade)) this.#line.breakOff();
    else this.#line.socket.resetAndDestroy();
    this.#exchange?.end();
  }

  takeOver(): Taken {
    this.#carrier = undefined;
    return this.#line.takeOver();
  }
}
