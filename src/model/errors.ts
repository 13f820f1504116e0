/**
 * The errors that a caller can act on. These classes know neither HTTP nor exit codes: src/daemon/http/errors.ts and
 * src/cli/exit-codes.ts translate `code`, each in one table.
 */

import type { Role } from './roles.js';

/**
 * Of requests that a token does not allow: 401 for a token that is missing or not valid, 403 for one that is not
 * enough.
 */
export type AccessCode = (typeof accessCodes)[number];

export const accessCodes = [
  'TOKEN_MISSING',
  'TOKEN_UNKNOWN',
  'TOKEN_EXPIRED',
  'NEEDS_READ',
  'NEEDS_WRITE',
  'NEEDS_DEPLOY',
  'NEEDS_ADMIN',
  'NEEDS_PEER',
  'APP_NOT_ALLOWED',
] as const;

/**
 * Of peers that a certificate does not allow: 401 if there is none, or one that is not valid, and 403 if it is for
 * another name.
 */
export type CertificateCode = 'CERTIFICATE_MISSING' | 'CERTIFICATE_INVALID' | 'CERTIFICATE_NAME';

export type ErrorCode =
  | 'INVALID'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'METHOD_NOT_ALLOWED'
  | 'FORBIDDEN'
  | AccessCode
  | CertificateCode
  | 'HOST_NOT_ALLOWED'
  | 'NOT_READY'
  | 'OVERLOADED'
  | 'TOO_MANY_REQUESTS'
  | 'QUOTA_EXCEEDED'
  | 'UNREACHABLE'
  | 'TIMED_OUT'
  | 'NO_INSTANCE'
  | 'TOO_FEW_ONLINE'
  | 'NAME_TAKEN'
  | 'CLUSTER_MISMATCH'
  | 'INTERNAL';

/** Base of every error that bender throws on purpose. Anything else is a bug. */
export class BenderError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The request is not valid: the message names the field and the value. */
export class InvalidError extends BenderError {
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID', message, options);
  }
}

export class NotFoundError extends BenderError {
  constructor(message: string) {
    super('NOT_FOUND', message);
  }
}

/** It was online, and another instance has taken its address since: registering it again would end that one. */
export class ReplacedError extends NotFoundError {
  constructor(
    message: string,
    /** The id of the registration that is there now. */
    readonly replacedBy: string,
  ) {
    super(message);
  }
}

/** The name is in use. */
export class ConflictError extends BenderError {
  constructor(message: string) {
    super('CONFLICT', message);
  }
}

/** The daemon does not know the cluster yet: ask again, or ask another one. */
export class NotReadyError extends BenderError {
  constructor(message: string) {
    super('NOT_READY', message);
  }
}

/** The daemon is overloaded, or is out of room for others: ask another one, or later. */
export class OverloadedError extends BenderError {
  constructor(
    message: string,
    /** Seconds after which to ask again. */
    readonly retryAfter = 1,
  ) {
    super('OVERLOADED', message);
  }
}

/** Too many requests of this kind in this time. */
export class TooManyRequestsError extends BenderError {
  constructor(
    message: string,
    /** Seconds after which to ask again. */
    readonly retryAfter = 1,
  ) {
    super('TOO_MANY_REQUESTS', message);
  }
}

/** This caller, or all together, have as much as is allowed: there is room once some of it is gone. */
export class QuotaExceededError extends BenderError {
  constructor(
    message: string,
    /** Seconds after which to ask again. */
    readonly retryAfter: number,
  ) {
    super('QUOTA_EXCEEDED', message);
  }
}

/** No daemon answered. Names every URL that was tried. */
export class UnreachableError extends BenderError {
  constructor(message: string, options?: ErrorOptions) {
    super('UNREACHABLE', message, options);
  }
}

/** The condition was not met in time. */
export class TimedOutError extends BenderError {
  constructor(message: string) {
    super('TIMED_OUT', message);
  }
}

/** Nothing is online that a request to a frontend could be sent to. */
export class NoInstanceError extends BenderError {
  constructor(message: string) {
    super('NO_INSTANCE', message);
  }
}

/** The new target of a backend has too few registrations that are online and not draining. */
export class TooFewOnlineError extends BenderError {
  constructor(message: string) {
    super('TOO_FEW_ONLINE', message);
  }
}

/** The token of a request is missing, not valid, or does not allow it. */
export class AccessError extends BenderError {
  constructor(
    override readonly code: AccessCode,
    message: string,
    /** The role that is needed. */
    readonly role: Role,
  ) {
    super(code, message);
  }
}

/** The certificate of a peer is missing, not valid, or for another daemon. */
export class CertificateError extends BenderError {
  constructor(
    override readonly code: CertificateCode,
    message: string,
  ) {
    super(code, message);
  }
}

/** Another live daemon has this one's name. */
export class NameTakenError extends BenderError {
  constructor(message: string) {
    super('NAME_TAKEN', message);
  }
}

/** The body of every HTTP error. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  /** With NOT_FOUND: the registration that has taken the address of the instance in the request. */
  replacedBy?: string;
  /** The role that the request needs, with 401 and 403 for its token. */
  role?: Role;
}
