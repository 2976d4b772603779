/** A front layer with everything around it, for tests that send one request through it. */

import assert from 'node:assert/strict';
import type { AppEngineSpec, HandlerSpec, ServiceSpec } from '../../../src/config/spec.ts';
import type {
  Addresses,
  Admission,
  FrontLayer,
  InstanceAt,
  RequestContext,
  ScriptAdmission,
} from '../../../src/core/appengine/front.ts';
import { frontLayer } from '../../../src/core/appengine/layer.ts';
import { RequestIds } from '../../../src/core/appengine/request-ids.ts';
import type { Answer, Headers, Received, RequestHead } from '../../../src/core/outside.ts';
import { appEngineOf } from '../../support/application.ts';
import { specOf } from '../../support/spec.ts';
import { World } from '../../support/world.ts';

const source = { file: '/w/runtimes.yaml', line: 9, column: 1, endLine: 9, endColumn: 2 };

export function handler(part: Partial<HandlerSpec> & Pick<HandlerSpec, 'url'>): HandlerSpec {
  return {
    serves: { kind: 'script', script: 'main.app' },
    login: 'optional',
    onAuthFail: 'redirect',
    secure: 'optional',
    redirectCode: 302,
    httpHeaders: {},
    source,
    ...part,
  };
}

export function errorHandler(file: string, code?: string): AppEngineSpec['errorHandlers'][number] {
  return { file, source, ...(code === undefined ? {} : { code }) };
}

export function appOf(part: Partial<AppEngineSpec> = {}): AppEngineSpec {
  return appEngineOf({ root: '/w/app', module: 'api', application: 'guestbook', ...part });
}

export const at: InstanceAt = { name: 'api.0', index: 0, id: '0', host: '127.0.0.1', port: 34_567 };

export type Ask = Partial<Omit<RequestHead, 'headers'>> & {
  readonly headers?: Headers;
  readonly context?: Partial<RequestContext>;
};

/** The cookie of an administrator, and of somebody else. */
export const admin: Headers = [['Cookie', 'dev_appserver_login=user@example.com:True:12345']];
export const somebody: Headers = [['Cookie', 'dev_appserver_login=user@example.com:False:12345']];

export class Front {
  readonly world = new World();
  readonly ids = new RequestIds();
  readonly lines: string[] = [];
  readonly layer: FrontLayer;
  addresses: Addresses = { host: 'localhost', balanced: 8081, main: 8080 };

  constructor(
    app: Partial<AppEngineSpec> = {},
    spec: Partial<ServiceSpec> = {},
    allowedHosts: readonly string[] = [],
  ) {
    this.layer = frontLayer({
      spec: specOf({ profile: 'appengine', appengine: appOf(app), ...spec }),
      files: this.world.files,
      clock: this.world.clock,
      ids: this.ids,
      allowedHosts,
      addresses: () => this.addresses,
      log: (level, line) => this.lines.push(`${level} ${line}`),
    });
  }

  /** The admission of a request; `Host: localhost:8081` unless the test says which headers there are. */
  admit({ context, ...part }: Ask = {}): Admission | Promise<Admission> {
    return this.layer.admit(headOf(part), { doorHost: '127.0.0.1', ...context });
  }

  /** What is answered without asking the child. */
  async answer(ask: Ask = {}): Promise<Answer> {
    const admission = await this.admit(ask);
    if (admission.kind !== 'answer') throw new Error(`It was not answered: ${admission.kind}`);
    return admission.answer;
  }

  /** A request that goes to the child; at once, for no file is looked at. */
  script(ask: Ask = {}): ScriptAdmission {
    const admission = this.admit(ask);
    if (admission instanceof Promise || admission.kind !== 'script') {
      throw new Error(`It does not go to the child: ${JSON.stringify(admission)}`);
    }
    return admission;
  }

  /** What the child is sent. */
  sent(ask: Ask = {}, to: InstanceAt = at): { target: string; method: string; headers: Headers } {
    const { send } = this.script(ask).toInstance(to);
    assert.ok(send !== undefined);
    return send;
  }

  /** What becomes of an answer of the child. */
  async finish(
    received: Partial<Omit<Received, 'body'>> & { readonly body?: string },
    ask: Ask = {},
  ): Promise<Answer> {
    const { collect } = this.script(ask).toInstance(at);
    assert.ok(collect !== undefined);
    return collect.finish(receivedOf(received));
  }
}

export function headOf(part: Omit<Ask, 'context'>): RequestHead {
  const { headers = [], ...rest } = part;
  const host = headers.some(([name]) => /^host$/iu.test(name)) || rest.version === '1.0';
  return {
    method: 'GET',
    target: '/',
    version: '1.1',
    remote: '127.0.0.1',
    upgrade: false,
    ...rest,
    headers: host ? headers : [['Host', 'localhost:8081'], ...headers],
  };
}

export function receivedOf({
  body = 'Hello',
  ...part
}: Partial<Omit<Received, 'body'>> & { readonly body?: string } = {}): Received {
  const bytes = new TextEncoder().encode(body);
  return {
    status: 200,
    reason: 'OK',
    headers: [['Content-Type', 'text/plain']],
    body: bytes,
    length: bytes.length,
    broken: false,
    ...part,
  };
}

/** The values of a header, in order; none: it is not there. */
export function values(headers: Headers, name: string): readonly string[] {
  return headers.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

export function value(headers: Headers, name: string): string | undefined {
  const [first, ...others] = values(headers, name);
  assert.deepEqual(others, [], `${name} stands there more than once`);
  return first;
}

export function bodyOf({ body, bytes }: Answer): string {
  return bytes === undefined ? body : new TextDecoder().decode(bytes);
}
