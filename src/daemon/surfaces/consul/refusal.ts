/** Errors as Consul's clients understand them: a status and a plain text. */

import { BenderError } from '../../../model/errors.js';
import { printable } from '../../../model/printable.js';
import type { Answer } from '../../http/route.js';

/** An error with a status of Consul's that bender's own errors do not have. */
export class ConsulError extends BenderError {
  constructor(
    readonly status: 400 | 404 | 500,
    message: string,
  ) {
    super(status === 404 ? 'NOT_FOUND' : 'INVALID', message);
  }
}

export const textAnswer = (status: number, text: string, headers?: Answer['headers']): Answer => ({
  status,
  headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
  body: Buffer.from(text),
});

/** The status stays that of the error, unless Consul has another one. */
export const failure = (error: BenderError, { status, headers }: Answer): Answer =>
  textAnswer(error instanceof ConsulError ? error.status : status, printable(error.message, 600), headers);

/** Clients keep what they have when the answer is a 500. */
export const keep = (): Answer =>
  textAnswer(500, 'No cluster leader: this daemon cannot tell for sure what is online, keep what you have');
