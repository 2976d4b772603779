/** What the ways of scaling answer in the reference's own words (spec 3.8 to 3.10). */

import type { Answer } from '../outside.ts';

const timeoutPage = '<HTML><BODY>503 - This request has timed out.</BODY></HTML>';

/** The service is stopped, or is being stopped. */
export const notFound: Answer = {
  status: 404,
  reason: 'Not Found',
  headers: [['Content-Length', '0']],
  body: '',
};

/** The one instance that was asked for could not take the request in time, or has quit. */
export const instanceUnavailable: Answer = {
  status: 503,
  reason: 'Service Unavailable',
  headers: [['Content-Length', '0']],
  body: '',
};

/** No instance could take the request in time. */
export const timedOut: Answer = {
  status: 503,
  reason: 'Service Unavailable',
  headers: [
    ['Content-Type', 'text/html'],
    ['Content-Length', String(timeoutPage.length)],
  ],
  body: timeoutPage,
};
