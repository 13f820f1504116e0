/** How errors look at the end of a command: the one table from error code to exit code. */

import type { ErrorCode } from '../model/errors.js';
import { BenderError } from '../model/errors.js';
import { withoutCredentials } from '../model/secrets.js';
import { UsageError } from './usage-error.js';
import { usageText } from './usage-text.js';

/** A promise to scripts, documented in the README. */
export const exitCodes: Record<ErrorCode, number> = {
  INTERNAL: 1,
  METHOD_NOT_ALLOWED: 1,
  FORBIDDEN: 1,
  HOST_NOT_ALLOWED: 1,
  UNSUPPORTED_MEDIA_TYPE: 1,
  CLUSTER_MISMATCH: 1,
  INVALID: 2,
  TOO_LARGE: 2,
  UNREACHABLE: 3,
  NOT_READY: 3,
  OVERLOADED: 3,
  TOO_MANY_REQUESTS: 3,
  QUOTA_EXCEEDED: 3,
  NOT_FOUND: 4,
  CONFLICT: 5,
  NAME_TAKEN: 5,
  TIMED_OUT: 6,
  NO_INSTANCE: 6,
  TOO_FEW_ONLINE: 7,
  TOKEN_MISSING: 8,
  TOKEN_UNKNOWN: 8,
  TOKEN_EXPIRED: 8,
  NEEDS_READ: 8,
  NEEDS_WRITE: 8,
  NEEDS_DEPLOY: 8,
  NEEDS_ADMIN: 8,
  NEEDS_PEER: 8,
  APP_NOT_ALLOWED: 8,
  CERTIFICATE_MISSING: 8,
  CERTIFICATE_INVALID: 8,
  CERTIFICATE_NAME: 8,
};

/**
 * `bender status` and `bender doctor` end with this if they could look, and something is wrong. What they found is on
 * stdout.
 */
export const unhealthyExitCode = 9;

export interface Failure {
  code: ErrorCode;
  /** One line. */
  message: string;
  exitCode: number;
}

export function toFailure(error: unknown): Failure {
  const code = codeOf(error);
  return {
    code,
    message: withoutCredentials(oneLine(isOfParser(error) ? usageText(error) : textOf(error))),
    exitCode: exitCodes[code] ?? 1,
  };
}

/** Errors of oclif are about the command line; other unknown errors are bugs. */
function codeOf(error: unknown): ErrorCode {
  if (error instanceof BenderError) return error.code;
  return isOclifs(error) ? 'INVALID' : 'INTERNAL';
}

const isOclifs = (error: unknown): error is Error => error instanceof Error && 'oclif' in error;

/** An error of a flag's own parser comes through oclif's, which only changes its message. */
const isOfParser = (error: unknown): error is Error =>
  isOclifs(error) || (error instanceof Error && /^Parsing --[^]*See more help with --help$/.test(error.message));

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The command whose help explains an error of the command line; undefined for other errors. */
export function helpFor(error: unknown, called: readonly string[]): string | undefined {
  if (!(error instanceof UsageError) && !isOfParser(error)) return undefined;
  const about = error instanceof UsageError ? (error.about ?? called) : called;
  return ['bender', ...about, '--help'].join(' ');
}

const oneLine = (message: string): string => message.replace(/\s*\n\s*/g, '; ').trim();
