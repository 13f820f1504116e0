/** The history of the catalog: each edit with its author, time and daemon. */

import type { Backend, Frontend } from './catalog.js';
import type { DrainRule } from './drain-rule.js';
import { InvalidError } from './errors.js';
import { limits } from './limits.js';

/** One edit of a backend, frontend or drain rule, as in the answer to `GET /history`. */
export type Edit = EditInfo &
  (
    | { kind: 'backend'; name: string; from?: Backend; to?: Backend }
    | { kind: 'frontend'; name: string; from?: Frontend; to?: Frontend }
    | { kind: 'drain-rule'; name: string; from?: DrainRule; to?: DrainRule }
  );

/**
 * `from` is the value that the author saw, and `to` the value after the edit. `from` is absent for a creation, `to` for
 * a removal.
 */
interface EditInfo {
  /** The hash of the change in the catalog's history, the same at every daemon. */
  id: string;
  /** Unix ms, in whole seconds, by the clock of the daemon that took it. */
  at: number;
  /**
   * The author: the name of the token if it is `proven`, else the name in the request, or the address of the client;
   * absent if it was not recorded.
   */
  author?: string;
  /** The daemon that took it has checked a token. */
  proven?: true;
  /** The name in the request, if a token has proven another one. */
  claimedAuthor?: string;
  /** The name of the daemon that took it. */
  daemon?: string;
  /** There is a concurrent edit of the same resource at another daemon: one of them won. */
  concurrent?: true;
}

/** The fewest characters that may stand for the id of an edit. */
export const shortestId = 7;

/**
 * Throws InvalidError for what is not the id of an edit, and cannot stand for one. An empty one, as of a variable that
 * is not set, must not be taken for none: a rollback without one undoes the last edit.
 *
 * @param name  where it was given
 */
export function checkEditId(name: string, text: string): void {
  if (editIdPattern.test(text)) return;
  throw new InvalidError(
    `'${name}' must be the id of a change in the history, or at least its first ${shortestId} characters, not '${text.slice(0, limits.name)}'`,
  );
}

export const editIdPattern = new RegExp(`^[0-9a-f]{${shortestId},64}$`);

/** Which edits to return. */
export interface HistoryQuery {
  /** Those of this backend; of several that are named, those of each. None: all. */
  backend?: string;
  frontend?: string;
  drainRule?: string;
  /** How many of the newest ones. */
  limit: number;
}

/** A concurrent value that lost against the present one: a value, or a deletion. */
export type ConflictingValue<T> = T | { deleted: true };

/** A resource with the values that conflict with it, until the next edit resolves the conflict. */
export type WithConflicts<T> = T & { conflict?: ConflictingValue<T>[] };
