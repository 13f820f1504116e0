/** What came back, as a value or as the error that it stands for. */

import type { ErrorBody } from '../model/errors.js';
import {
  BenderError,
  ConflictError,
  InvalidError,
  NameTakenError,
  NotFoundError,
  NotReadyError,
  ReplacedError,
  TooFewOnlineError,
} from '../model/errors.js';
import type { HttpAnswer } from './http.js';
import { ServerFailure } from './servers.js';

/**
 * The JSON of a good answer; undefined for an empty one. Throws the model error that a daemon has
 * answered, and {@link ServerFailure} where another daemon may do better.
 */
export function readAnswer({ status, body, retryAfter }: HttpAnswer): unknown {
  const value = body === '' ? undefined : parse(status, body);
  if (status >= 200 && status < 300) return value;
  if (!isErrorBody(value)) throw notBender(status);
  const error = toError(value);
  const reason = elsewhere[error.code];
  if (reason !== undefined)
    throw new ServerFailure(`${reason}: ${error.message}`, {
      cause: error,
      // A daemon that is not ready is left for another one, and not waited for.
      ...(retryAfter !== undefined && error.code !== 'NOT_READY' && { retryAfter }),
    });
  // Another server may be known by the name that it is called by.
  if (error.code === 'HOST_NOT_ALLOWED') throw new ServerFailure(error.message, { cause: error });
  throw error;
}

/** Errors that another daemon may not answer, and why this one did. */
const elsewhere: Partial<Record<string, string>> = {
  NOT_READY: 'not ready',
  OVERLOADED: 'overloaded',
  TOO_MANY_REQUESTS: 'too many requests',
};

/** Node's own error on the way to a server, in words. */
export function toFailure(error: unknown): ServerFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  return new ServerFailure((code && reasons[code]) || message || code || String(error), { cause: error });
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'host name cannot be looked up now',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
};

function parse(status: number, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw notBender(status, error);
  }
}

const notBender = (status: number, cause?: unknown): ServerFailure =>
  new ServerFailure(`answers ${status}, but not as a bender daemon does`, { cause });

const isErrorBody = (value: unknown): value is ErrorBody =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as ErrorBody).code === 'string' &&
  typeof (value as ErrorBody).message === 'string';

const classes: Partial<Record<string, new (message: string) => BenderError>> = {
  INVALID: InvalidError,
  NOT_FOUND: NotFoundError,
  CONFLICT: ConflictError,
  NOT_READY: NotReadyError,
  NAME_TAKEN: NameTakenError,
  TOO_FEW_ONLINE: TooFewOnlineError,
};

function toError({ code, message, replacedBy }: ErrorBody): BenderError {
  if (typeof replacedBy === 'string') return new ReplacedError(message, replacedBy);
  const Class = classes[code];
  return Class ? new Class(message) : new BenderError(code, message);
}
