/**
 * The front layer of a service with `profile: appengine`: its passes in the order of spec 2.1.
 *
 * Each pass is told in a file of its own. Which instance has the request is decided by who asked for the admission.
 */

import { repr } from '../../config/formats/python/repr.ts';
import type { Answer, RequestHead } from '../outside.ts';
import { headerOf } from '../proxy/target.ts';
import { accessLine } from './access-log.ts';
import { environmentOf } from './environment.ts';
import type {
  Admission,
  FrontLayer,
  FrontLayerOptions,
  InstanceAt,
  InternalRequest,
  InternalSending,
  RequestContext,
} from './front.ts';
import {
  brokenDown,
  plainAnswer,
  redirect,
  signed,
  signedHeaders,
  unauthorized,
  unhandled,
} from './front-answers.ts';
import { type Handling, Handlers } from './handlers.ts';
import { hostRefusal } from './host-check.ts';
import { internalEnvironment, shapeOf } from './internal-request.ts';
import { bodyRefusal } from './limits.ts';
import { permission, type User, userOf } from './login.ts';
import { loginAnswer, loginUrl, logoutAnswer } from './login-page.ts';
import { encodedQuery, normalised, resourceOf, targetOf } from './path.ts';
import { isLogged } from './request-ids.ts';
import { sentHead, stripInternal } from './request-headers.ts';
import { ScriptRequest } from './script-request.ts';
import { furnish, originOf, place, portFor, type Site, siteOf } from './site.ts';
import { type FileServes, serveFile } from './static-files.ts';

/** The front layer of a service; throws where its definition has no `appengine`, which every one of this profile has. */
export function frontLayer(options: FrontLayerOptions): FrontLayer {
  const { appengine } = options.spec;
  if (appengine === undefined) throw new Error(`${options.spec.name} is no App Engine service.`);
  return new Layer(siteOf(options, appengine));
}

/** A client's request on its way through the passes. */
interface Passing {
  readonly head: RequestHead;
  readonly context: RequestContext;
  readonly environment: Map<string, string>;
  /** Decoded. */
  readonly path: string;
  readonly user: User | undefined;
  readonly origin: string;
}

const noFakes = { login: false, admin: false } as const;

class Layer implements FrontLayer {
  readonly #site: Site;
  readonly #handlers: Handlers;

  constructor(site: Site) {
    this.#site = site;
    this.#handlers = new Handlers(site.app, ({ url }, reason) =>
      site.options.log('error', `The pattern ${repr(url)} of a handler cannot be used: ${reason}.`),
    );
  }

  admit(head: RequestHead, context: RequestContext): Admission | Promise<Admission> {
    try {
      const admission = this.#admit(head, context);
      return admission instanceof Promise
        ? admission.catch((error: unknown) => this.#broken(head, error))
        : admission;
    } catch (error) {
      return this.#broken(head, error);
    }
  }

  internalRequest(request: InternalRequest, at: InstanceAt): InternalSending {
    const site = this.#site;
    const { ids } = site.options;
    const addresses = site.options.addresses();
    const { type, path, balanced } = shapeOf(request);
    const port = portFor(site.options, addresses, at, balanced !== true);
    const environment = internalEnvironment(request, addresses.host, port);
    furnish(site, environment);
    place(site, environment, at, balanced !== true);
    const { module, version } = site.app;
    const id = ids.open(() => ({ environment, module, version, instance: at.name }));
    return {
      id,
      head: sentHead(environment, {
        requestId: id,
        user: undefined,
        type,
        // Only ready requests look for a handler (spec 2.1, 6).
        script: type === 'ready' ? this.#handlers.scriptOf(path) : '/',
        dialect: site.dialect,
      }),
      end: () => ids.close(id),
    };
  }

  #admit(head: RequestHead, context: RequestContext): Admission | Promise<Admission> {
    const unwelcome = hostRefusal(head, context.doorHost, this.#site.options.allowedHosts);
    if (unwelcome !== undefined) return this.#answer(head, unwelcome);
    const resource = resourceOf(head.target);
    const environment = environmentOf(head, resource, context.scheme);
    stripInternal(environment);
    const refused = bodyRefusal(environment, head.target);
    if (refused !== undefined) {
      const { answer, drain } = refused;
      return { ...this.#answer(head, answer), ...(drain === undefined ? {} : { drain }) };
    }
    const origin = originOf(this.#site, environment, context.scheme ?? 'http');
    const path = normalised(resource.path);
    if (path !== resource.path) {
      const url = origin + targetOf({ path, query: encodedQuery(resource.query) });
      return this.#answer(head, redirect(302, url));
    }
    const user = userOf(environment.get('HTTP_COOKIE'), (line) => this.#site.options.log('warn', line));
    return this.#handle({ head, context, environment, path, user, origin }, this.#handlers.matching(path));
  }

  /** The next handler that matches and does not decline (spec 2.1, 7). */
  #handle(passing: Passing, handlers: Iterator<Handling>): Admission | Promise<Admission> {
    const { head, environment, path, user, origin } = passing;
    const { value, done } = handlers.next();
    if (done === true) return this.#answer(head, unhandled(path));
    const { guarded, serves } = value;
    const turned = this.#otherScheme(passing, guarded) ?? this.#notPermitted(passing, guarded);
    if (turned !== undefined) return this.#answer(head, turned);
    switch (serves.kind) {
      case 'login':
        return this.#answer(head, loginAnswer(environment, origin, user));
      case 'logout':
        return this.#answer(head, logoutAnswer(environment, origin));
      case 'script':
        return this.#toChild(passing, serves.script);
      case 'file':
      case 'folder':
        return this.#toFile(passing, serves, handlers);
    }
  }

  /** `secure` means something only where there is a port that speaks TLS. */
  #otherScheme(
    { environment, path, context }: Passing,
    { secure, redirectCode }: Handling['guarded'],
  ): Answer | undefined {
    const { host, balanced, tls } = this.#site.options.addresses();
    if (tls === undefined || secure === 'optional') return undefined;
    const encrypted = context.scheme === 'https';
    if (encrypted === (secure === 'always')) return undefined;
    const name = (environment.get('HTTP_HOST') ?? host).replace(/:\d*$/u, '');
    const query = encodedQuery(environment.get('QUERY_STRING') ?? '');
    return encrypted
      ? redirect(redirectCode, `http://${name}:${balanced}${targetOf({ path, query: '' })}`)
      : redirect(redirectCode, `https://${name}:${tls}${targetOf({ path, query })}`);
  }

  #notPermitted(
    { environment, path, user, origin }: Passing,
    guarded: Handling['guarded'],
  ): Answer | undefined {
    const may = permission(guarded, user, noFakes);
    switch (may.kind) {
      case 'granted':
        return undefined;
      case 'unauthorized':
        return unauthorized(may.body);
      case 'login': {
        const query = encodedQuery(environment.get('QUERY_STRING') ?? '');
        return redirect(302, loginUrl(origin, origin + targetOf({ path, query })));
      }
    }
  }

  #toChild({ head, context, environment, user }: Passing, script: string | undefined): Admission {
    // A script is made of the path, and a path can say `%0D%0A`: in a header, that would begin another one.
    if (script !== undefined && /[^ -~\u0080-\u00FF]/u.test(script)) {
      return this.#answer(head, plainAnswer(400, 'The path holds what no script can be named by.'));
    }
    return new ScriptRequest(this.#site, {
      environment,
      user,
      script,
      directed: context.directed === true,
      answered: (answer) => this.#log(head, answer),
      broke: (error) => this.#complain(head, error),
    });
  }

  async #toFile(passing: Passing, serves: FileServes, handlers: Iterator<Handling>): Promise<Admission> {
    const { head, environment } = passing;
    const { files, clock } = this.#site.options;
    const decision = await serveFile(serves, environment, { spec: this.#site.app, files, now: clock.wall() });
    switch (decision.kind) {
      case 'declined':
        return this.#handle(passing, handlers);
      case 'answer':
        return this.#answer(head, decision.answer);
      case 'file': {
        const { size, headers, gone, ...file } = decision;
        this.#log(head, { status: file.status, headers: [['Content-Length', String(size)]] });
        return { ...file, headers: signedHeaders(headers), gone: signed(gone) };
      }
    }
  }

  #answer(head: RequestHead, answer: Answer): Extract<Admission, { kind: 'answer' }> {
    const whole = signed(answer);
    this.#log(head, whole);
    return { kind: 'answer', answer: whole };
  }

  #broken(head: RequestHead, error: unknown): Admission {
    this.#complain(head, error);
    return this.#answer(head, brokenDown);
  }

  #complain(head: RequestHead, error: unknown): void {
    const { options } = this.#site;
    options.log('error', `Request to ${repr(resourceOf(head.target).path)} failed`);
    options.log('debug', error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  #log(
    { method, target, version }: RequestHead,
    { status, headers }: Pick<Answer, 'status' | 'headers'>,
  ): void {
    if (!isLogged(resourceOf(target).path)) return;
    const said = headerOf(headers, 'content-length');
    const { level, line } = accessLine({
      module: this.#site.app.module,
      method,
      resource: target,
      version,
      status,
      length: said === undefined ? undefined : Number(said),
    });
    this.#site.options.log(level, line);
  }
}
