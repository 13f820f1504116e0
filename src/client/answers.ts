/** Turns responses into values or errors. */

import type { ErrorBody } from '../model/errors.js';
import {
  type AccessCode,
  accessCodes,
  AccessError,
  BenderError,
  ConflictError,
  InvalidError,
  NameTakenError,
  NotFoundError,
  NotReadyError,
  ReplacedError,
  TooFewOnlineError,
} from '../model/errors.js';
import { noRoute } from '../model/daemon.js';
import type { HttpAnswer } from './http-messages.js';
import { ServerFailure } from './servers.js';

/**
 * Returns the JSON of a successful response; undefined if it is empty. Throws the model error of a daemon's error
 * response, and {@link ServerFailure} if another daemon may succeed.
 */
export function readAnswer(answer: HttpAnswer): unknown {
  const { status, body, retryAfter, isBender } = answer;
  if (!isBender) throw notBender(answer);
  const value = body === '' ? undefined : parse(answer);
  if (status >= 200 && status < 300) return value;
  if (!isErrorBody(value)) throw notBender(answer);
  const error = toError(value);
  const reason = elsewhere[error.code];
  if (reason !== undefined)
    throw new ServerFailure(`${reason}: ${error.message}`, {
      cause: error,
      // A daemon that is not ready is not waited for: another one is tried.
      ...(retryAfter !== undefined && error.code !== 'NOT_READY' && { retryAfter }),
    });
  // Every daemon has the paths that this client uses: the URL has another path before them, or the daemon is older.
  if (error.code === 'NOT_FOUND' && error.message.startsWith(noRoute))
    throw new ServerFailure(`${error.message}: is the URL right?`, { cause: error });
  // Another server may accept the name that it is called by.
  if (error.code === 'HOST_NOT_ALLOWED') throw new ServerFailure(error.message, { cause: error });
  throw error;
}

/** Errors that another daemon may not have, and the reason for this one. */
const elsewhere: Partial<Record<string, string>> = {
  NOT_READY: 'not ready',
  OVERLOADED: 'overloaded',
  TOO_MANY_REQUESTS: 'too many requests',
  QUOTA_EXCEEDED: 'quota exceeded',
};

/** A text for Node's own error. */
export function toFailure(error: unknown): ServerFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code?.startsWith('HPE_') ? notHttp : (reasons[code ?? ''] ?? tlsReason(code));
  return new ServerFailure(reason ?? (message || code || String(error)), { cause: error });
}

/** The text for a certificate error; undefined for other errors. */
function tlsReason(code = ''): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another host';
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired';
  if (/_CERTIFICATE_REQUIRED$/.test(code)) return 'it wants a client certificate: --tls-cert and --tls-key';
  if (/^ERR_SSL_.*(ALERT|UNKNOWN_CA)/.test(code)) return `it refuses the client certificate (${code})`;
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key of the client certificate is that of another one';
  if (!/^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_)/.test(code)) return undefined;
  return `its certificate is not trusted (${code}): --tls-ca FILE or BENDER_TLS_CA names the CA`;
}

const notHttp = 'what it answers is not HTTP';

const reasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'host name cannot be looked up now',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
  EPROTO: 'it does not speak TLS as expected: http:// in the place of https://?',
};

function parse(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.body);
  } catch (error) {
    throw notBender(answer, error);
  }
}

function notBender({ status, type }: HttpAnswer, cause?: unknown): ServerFailure {
  const what = status === 401 ? needsCredentials : kinds[type];
  const note = what === undefined ? '' : ` (${what})`;
  return new ServerFailure(`answers ${status}, but not as a bender daemon does${note}`, { cause });
}

const needsCredentials = 'it wants a user name and a password, or others, in the URL';

const kinds: Readonly<Record<string, string>> = {
  'text/html': 'a web page',
  'application/json': 'JSON of something else',
};

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

function toError({ code, message, replacedBy, role }: ErrorBody): BenderError {
  if (isAccessCode(code) && role !== undefined) return new AccessError(code, message, role);
  if (typeof replacedBy === 'string') return new ReplacedError(message, replacedBy);
  const Class = classes[code];
  return Class ? new Class(message) : new BenderError(code, message);
}

const isAccessCode = (code: string): code is AccessCode => accessCodes.some((known) => known === code);
