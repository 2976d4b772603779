/** A request that the child is to answer: what it is sent, and what becomes of what it answers. */

import type { Answer, Collect, Forward, Received } from '../outside.ts';
import { headerOf } from '../proxy/target.ts';
import { errorResponse } from './error-handlers.ts';
import { failureAnswer } from './failures.ts';
import { brokenDown, signed } from './front-answers.ts';
import type { FailureFacts, InstanceAt, ScriptAdmission } from './front.ts';
import type { User } from './login.ts';
import { sentHead } from './request-headers.ts';
import { responseLimit, rewritten, type Response } from './response.ts';
import { without } from './response-headers.ts';
import { furnish, place, type Site } from './site.ts';

export interface Script {
  readonly environment: Map<string, string>;
  readonly user: User | undefined;
  readonly script: string | undefined;
  readonly directed: boolean;
  /** The answer is there: for the access log. */
  answered(answer: Answer): void;
  /** Something went wrong that nobody has foreseen. */
  broke(error: unknown): void;
}

export class ScriptRequest implements ScriptAdmission {
  readonly kind = 'script';
  readonly id: string;
  readonly #site: Site;
  readonly #script: Script;
  #instance: string | undefined;

  constructor(site: Site, script: Script) {
    const { environment } = script;
    const { module, version } = site.app;
    this.#site = site;
    this.#script = script;
    furnish(site, environment);
    this.id = site.options.ids.open(() => ({
      environment,
      module,
      version,
      ...(this.#instance === undefined ? {} : { instance: this.#instance }),
    }));
  }

  toInstance(at: InstanceAt): Required<Pick<Forward, 'send' | 'collect' | 'ownConnection'>> {
    const { environment, user, script, directed } = this.#script;
    this.#instance = at.name;
    place(this.#site, environment, at, directed);
    const send = sentHead(environment, {
      requestId: this.id,
      user,
      type: 'normal',
      script,
      dialect: this.#site.dialect,
    });
    // Whoever has no Host, as HTTP/1.0 allows, still has it sent on in HTTP/1.1, which does not.
    const headers = environment.has('HTTP_HOST')
      ? send.headers
      : [['HOST', `${at.host}:${at.port}`] as const, ...send.headers];
    return { send: { ...send, headers }, collect: this.#collect, ownConnection: true };
  }

  failed(facts: FailureFacts): Answer {
    const answer = failureAnswer(facts);
    if (answer !== undefined) return this.instead(answer);
    this.#script.broke(facts.failure.reason);
    return this.#done(brokenDown);
  }

  instead(answer: Answer): Answer {
    const { headers, body, bytes, status, reason } = answer;
    const content = bytes ?? new TextEncoder().encode(body);
    const response = { status, ...(reason === undefined ? {} : { reason }), headers };
    const made = this.#rewritten({ ...response, body: content, length: content.length });
    if (bytes !== undefined || made.bytes === undefined) return this.#done(made);
    // What was a text stays one.
    const { bytes: _, ...rest } = made;
    return this.#done({ ...rest, body });
  }

  end(): void {
    this.#site.options.ids.close(this.id);
  }

  /**
   * What a child has answered is made into what the client gets when all of it is there. Nothing has been sent by
   * then, so that whatever goes wrong meanwhile still has an answer of its own (HP-33).
   */
  readonly #collect: Collect = {
    limit: responseLimit,
    finish: (received) => {
      try {
        const response = this.#ofChild(received);
        return response instanceof Promise
          ? response.then(
              (whole) => this.#done(this.#rewritten(whole)),
              (error: unknown) => this.#broken(error),
            )
          : this.#done(this.#rewritten(response));
      } catch (error) {
        return this.#broken(error);
      }
    },
  };

  /** The child's own answer, or what stands in for it (HP-13 to HP-16). */
  #ofChild({ status, reason, headers, body, length }: Received): Response | Promise<Response> {
    const { errorFile, dialect, options } = this.#site;
    const { errorCode } = dialect;
    if (headerOf(headers, errorCode) === undefined) return { status, reason, headers, body, length };
    return errorFile === undefined
      ? { status, reason, headers: without(headers, errorCode), body, length }
      : errorResponse(errorFile, options.files);
  }

  #rewritten(response: Response): Answer {
    const method = this.#script.environment.get('REQUEST_METHOD') ?? 'GET';
    return rewritten(response, method, this.#site.options.clock.wall());
  }

  #broken(error: unknown): Answer {
    this.#script.broke(error);
    return this.#done(brokenDown);
  }

  #done(answer: Answer): Answer {
    const whole = signed(answer);
    this.#script.answered(whole);
    return whole;
  }
}
