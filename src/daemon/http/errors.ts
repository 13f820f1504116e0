/** How errors look over HTTP: the one table from code to status, and the one place that logs unknown ones. */

import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import {
  AccessError,
  BenderError,
  InvalidError,
  ReplacedError,
  type ErrorBody,
  type ErrorCode,
} from '../../model/errors.js';
import { asTraceparent } from '../../model/traceparent.js';
import { printable } from '../../model/printable.js';
import { withoutCredentials } from '../../model/secrets.js';
import type { Log } from '../core/log.js';
import type { Answer } from './route.js';

/** A newer peer may have codes that are not in it. */
export const statusOf: Record<ErrorCode, number> & Partial<Record<string, number>> = {
  INVALID: 400,
  TOKEN_MISSING: 401,
  TOKEN_UNKNOWN: 401,
  TOKEN_EXPIRED: 401,
  CERTIFICATE_MISSING: 401,
  CERTIFICATE_INVALID: 401,
  FORBIDDEN: 403,
  NEEDS_READ: 403,
  NEEDS_WRITE: 403,
  NEEDS_DEPLOY: 403,
  NEEDS_ADMIN: 403,
  NEEDS_PEER: 403,
  APP_NOT_ALLOWED: 403,
  CERTIFICATE_NAME: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  NAME_TAKEN: 409,
  TIMED_OUT: 504,
  NO_INSTANCE: 503,
  CLUSTER_MISMATCH: 409,
  TOO_FEW_ONLINE: 409,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  HOST_NOT_ALLOWED: 421,
  INTERNAL: 500,
  UNREACHABLE: 502,
  NOT_READY: 503,
  OVERLOADED: 503,
  TOO_MANY_REQUESTS: 429,
  QUOTA_EXCEEDED: 429,
};

/** The path exists, but takes other methods. */
export class MethodNotAllowedError extends BenderError {
  constructor(
    method: string,
    path: string,
    /** The `Allow` header of the answer. */
    readonly allow: string,
  ) {
    super('METHOD_NOT_ALLOWED', `${printable(path)} takes ${allow}, not ${printable(method)}`);
  }
}

/**
 * The answer for an error. An error that is no BenderError is a bug: it is logged here, and hidden from the caller.
 *
 * @param request  for the log, with its trace
 */
export function errorAnswer(error: unknown, log: Log, request?: IncomingMessage): Answer {
  const known = asBenderError(error);
  const status = statusOf[known.code] ?? 500;
  if (request) log.debug(refusalOf(request, status, known.code), 'refused a request');
  return { status, headers: headersFor(known), body: errorBody(error, log, request) };
}

/** For the log, which mostly does not ask: headers are parsed when they are. */
const refusalOf = (request: IncomingMessage, status: number, code: ErrorCode): object => ({
  ...{ method: request.method, path: request.url, status, code },
  get traceparent() {
    return traceOf(request).traceparent;
  },
});

/** The trace that a request says it is part of, for the log. */
export function traceOf({ headers }: IncomingMessage): { traceparent?: string } {
  const traceparent = asTraceparent(headers.traceparent);
  return traceparent === undefined ? {} : { traceparent };
}

/** The most characters of a message, since messages repeat input. */
const longestMessage = 600;

/** The same for a peer stream. */
export function errorBody(error: unknown, log: Log, request?: IncomingMessage): ErrorBody {
  const known = asBenderError(error);
  const { code } = known;
  const message = printable(withoutCredentials(known.message), longestMessage);
  if (code === 'INTERNAL')
    log.error({ err: error, ...(request && traceOf(request)) }, 'a request failed by a bug of bender');
  return {
    code,
    message,
    ...(known instanceof ReplacedError && { replacedBy: known.replacedBy }),
    ...(known instanceof AccessError && { role: known.role }),
  };
}

function asBenderError(error: unknown): BenderError {
  if (error instanceof BenderError) return error;
  if (error instanceof URIError) return new InvalidError('the path has a malformed percent-encoding');
  return new BenderError('INTERNAL', 'internal error: see the log of the daemon', { cause: error });
}

function headersFor(error: BenderError): OutgoingHttpHeaders {
  if (error instanceof MethodNotAllowedError) return { allow: error.allow };
  // Not Basic, for which browsers would ask, and which they would then send whatever page asks for it.
  if (statusOf[error.code] === 401) return { 'www-authenticate': 'Bearer realm="bender"' };
  if ('retryAfter' in error) return { 'retry-after': String(error.retryAfter) };
  return error.code === 'NOT_READY' ? { 'retry-after': '1' } : {};
}
