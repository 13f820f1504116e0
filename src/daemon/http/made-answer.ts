/** The answer with what was made for its state: 200 with the body, or 304 to a client that has it. */

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Made } from './contents.js';
import type { Answer } from './route.js';

/** @param extra  headers beside the ETag */
export function madeAnswer(
  found: Made | Promise<Made>,
  { 'if-none-match': known }: IncomingHttpHeaders,
  extra?: OutgoingHttpHeaders,
): Answer | Promise<Answer> {
  const toAnswer = ({ body, etag }: Made): Answer =>
    known !== undefined && names(known, etag)
      ? { status: 304, headers: { etag, ...extra } }
      : { status: 200, headers: { etag, ...extra }, body };
  return found instanceof Promise ? found.then(toAnswer) : toAnswer(found);
}

/** Whether an If-None-Match header names `etag`; a weak tag names it too, as RFC 9110 has it. */
const names = (header: string, etag: string): boolean =>
  header.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
