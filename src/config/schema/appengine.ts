/** The keys below `appengine`: those of an `app.yaml` that change how requests are treated, in our spelling, and a few of our own. */

import { Array as List, Enum, Integer, Object as Fields, Optional, String as Text } from 'typebox';
import { expirationPattern } from '../units.ts';
import { closed, map } from './parts.ts';

/** How long something may be cached. */
export const expiration = (options: object) =>
  Text({ pattern: expirationPattern, 'x-takes': 'a duration such as 4d 5h, 10m or 30s', ...options });

export const handlerSchema = Fields(
  {
    url: Text({
      minLength: 1,
      description:
        'Takes the requests whose whole path matches this regular expression; the first handler that does has them.',
      examples: ['/.*'],
    }),
    script: Optional(
      Text({
        minLength: 1,
        description:
          'Hands the request to the service and tells it this script, in which `\\1` is a group of the pattern; `auto` tells none.',
        examples: ['auto'],
      }),
    ),
    staticFiles: Optional(
      Text({
        minLength: 1,
        description: 'Answers with this file, in whose path `\\1` is a group of the pattern.',
        examples: ['static/\\1'],
      }),
    ),
    upload: Optional(
      Text({
        minLength: 1,
        description: 'Tells with a regular expression which files `staticFiles` may find.',
        examples: ['static/.*'],
      }),
    ),
    staticDir: Optional(
      Text({
        minLength: 1,
        description: 'Answers with files of this folder; `url` is then the beginning of their paths.',
        examples: ['static'],
      }),
    ),
    login: Optional(
      Enum(['optional', 'required', 'admin'], {
        default: 'optional',
        description: 'Says who may see it.',
        enumDescriptions: ['Anybody.', 'Whoever is logged in.', 'Whoever is logged in as an administrator.'],
      }),
    ),
    authFailAction: Optional(
      Enum(['redirect', 'unauthorized'], {
        default: 'redirect',
        description: 'Says what becomes of somebody who may not.',
        enumDescriptions: ['Is sent to the login page.', 'Gets status 401.'],
      }),
    ),
    secure: Optional(
      Enum(['optional', 'always', 'never'], {
        default: 'optional',
        description: 'Says whether it is served over HTTP or HTTPS; the front door speaks HTTP.',
        enumDescriptions: ['Over both.', 'Over HTTPS only.', 'Over HTTP only.'],
        'x-also': { default: 'optional' },
      }),
    ),
    redirectHttpResponseCode: Optional(
      Enum([301, 302, 303, 307], {
        default: 302,
        description: 'Redirects with this status where `secure` asks for the other protocol.',
      }),
    ),
    mimeType: Optional(
      Text({
        minLength: 1,
        description: 'Gives static files this type; without it, it follows from their names.',
        examples: ['text/plain'],
      }),
    ),
    httpHeaders: Optional(
      map(Text(), {
        'x-takes': 'a map of names and texts',
        description: 'Adds headers to the answers with static files.',
        examples: [{ 'Access-Control-Allow-Origin': '*' }],
      }),
    ),
    expiration: Optional(
      expiration({ description: 'Lets static files be cached for this long.', examples: ['10m'] }),
    ),
  },
  {
    ...closed,
    'x-also': { auth_fail_action: 'authFailAction', redirect_http_response_code: 'redirectHttpResponseCode' },
  },
);

export const errorHandlerSchema = Fields(
  {
    file: Text({
      minLength: 1,
      description:
        'Is answered, with status 500, when the service marks its answer with `X-Appengine-Error-Code`; relative to `root`.',
      examples: ['error.html'],
    }),
    errorCode: Optional(
      Text({
        default: 'default',
        description: 'Names the error it is for; as on App Engine’s local server, only `default` is used.',
      }),
    ),
  },
  { ...closed, 'x-also': { error_code: 'errorCode' } },
);

export const appEngineSchema = Fields(
  {
    root: Optional(
      Text({
        minLength: 1,
        'x-takes': 'a path',
        description: 'Names the folder of the application; without it, the one the service runs in.',
      }),
    ),
    application: Optional(
      Text({
        minLength: 1,
        description: 'Names the application; without it, it is called as the workspace folder is.',
      }),
    ),
    module: Optional(
      Text({ minLength: 1, description: 'Names the module; without it, it is called as the service is.' }),
    ),
    version: Optional(Text({ default: 'v1', minLength: 1, description: 'Names the version of the module.' })),
    handlers: Optional(
      List(handlerSchema, {
        'x-takes': 'a list of handlers',
        description: 'Says by URL who answers; without it, everything goes to the service.',
        examples: [[{ url: '/static', staticDir: 'static' }]],
      }),
    ),
    errorHandlers: Optional(
      List(errorHandlerSchema, {
        'x-takes': 'a list of maps with file',
        description: 'Names files that are answered instead of errors.',
        examples: [[{ file: 'error.html' }]],
      }),
    ),
    inboundServices: Optional(
      List(Enum(['warmup']), {
        'x-takes': 'a list of warmup',
        description:
          'With `warmup`, an instance is asked for `/_ah/warmup` before it gets requests, where scaling is `automatic`.',
        examples: [['warmup']],
      }),
    ),
    defaultExpiration: Optional(
      expiration({
        description: 'Lets static files be cached for this long where their handler says nothing.',
        examples: ['10m'],
      }),
    ),
    dialect: Optional(
      Enum(['dev', 'internal'], {
        default: 'dev',
        description: 'Chooses the names of the internal headers.',
        enumDescriptions: ['`X-Appengine-Dev-…` and `X-Appengine-…`.', '`X-Appengine-Internal-…`.'],
      }),
    ),
    restartOnChange: Optional(
      Enum(['always', 'after-first-request', 'never'], {
        default: 'always',
        description:
          'With `watch` and `automatic` scaling: says which instances are restarted when files change.',
        enumDescriptions: ['All.', 'Those that have had a request.', 'None.'],
      }),
    ),
    backgroundThreads: Optional(
      Integer({
        default: 0,
        minimum: 0,
        maximum: 1000,
        description: 'Lets this many background requests run at once in an instance.',
      }),
    ),
  },
  {
    ...closed,
    'x-also': { service: 'module', default_expiration: 'defaultExpiration', project: 'application' },
    description: 'Says what an `app.yaml` would say of the application; with `profile: appengine`.',
    examples: [{ inboundServices: ['warmup'] }],
  },
);
