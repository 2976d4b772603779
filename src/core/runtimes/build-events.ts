/** What is told of a build to whoever watches. */

import type { EventBody } from '../model.ts';

export type BuildEvent = Extract<EventBody, { readonly event: 'build' }>;
