/** What may stand below `handlers` and `error_handlers` of an `app.yaml`: our own keys of handlers, in its spelling. */

import { Boolean as Truth, Enum, Object as Fields, Optional, String as Text } from 'typebox';
import { handlerSchema } from '../../schema/appengine.ts';
import { closed, map } from '../../schema/parts.ts';
import { ignoredKeys } from './ignored.ts';
import { word } from './kinds.ts';

const { properties: ours } = handlerSchema;

export const theirHandlerSchema = Fields(
  {
    url: ours.url,
    script: Optional(
      word({
        description: 'Hands the request to the application: `auto`, or for older runtimes the script to run.',
        examples: ['auto'],
      }),
    ),
    static_files: ours.staticFiles,
    upload: Optional(
      Text({
        minLength: 1,
        description: 'Tells with a regular expression which files `static_files` may find.',
        examples: ['static/.*'],
      }),
    ),
    static_dir: ours.staticDir,
    login: ours.login,
    auth_fail_action: ours.authFailAction,
    secure: ours.secure,
    redirect_http_response_code: ours.redirectHttpResponseCode,
    mime_type: ours.mimeType,
    http_headers: Optional(
      map(word({}), {
        'x-takes': 'a map of names and texts',
        description: 'Adds headers to the answers with static files.',
        examples: [{ 'Access-Control-Allow-Origin': '*' }],
      }),
    ),
    expiration: ours.expiration,
    application_readable: Optional(
      Truth({
        default: false,
        description: 'Uploads static files as code, too. Here the program can read all of them.',
      }),
    ),
    require_matching_file: Optional(
      Truth({ default: false, description: 'Leaves what is no file to the next handler.' }),
    ),
    position: Optional(
      Enum(['head', 'tail'], {
        default: 'head',
        description: 'In an included file: whether it stands before or behind those of the `app.yaml`.',
      }),
    ),
    api_endpoint: Optional(word({ description: ignoredKeys['api_config'] ?? '' })),
  },
  closed,
);

export const errorHandler = Fields(
  {
    file: Text({
      minLength: 1,
      description: 'Is answered instead of an error.',
      examples: ['error.html'],
    }),
    error_code: Optional(
      word({
        default: 'default',
        description: "Names the error it is for; as on App Engine's local server, only `default` is used.",
      }),
    ),
    mime_type: Optional(Text({ minLength: 1, description: 'Is its type.' })),
  },
  closed,
);
