/** Who changed what in the catalog, when, and through which daemon. */

import type { Backend, Frontend } from './catalog.js';

/** One edit of a backend or frontend, as `GET /history` answers. */
export type Edit = EditInfo &
  (
    | { kind: 'backend'; name: string; from?: Backend; to?: Backend }
    | { kind: 'frontend'; name: string; from?: Frontend; to?: Frontend }
  );

/**
 * `from` is what whoever made the edit saw, and `to` what they made of it; missing where there was nothing, or
 * nothing any more.
 */
interface EditInfo {
  /** The hash of the change in the catalog's history, the same at every daemon. */
  id: string;
  /** Unix ms, in whole seconds, by the clock of the daemon that took it. */
  at: number;
  /**
   * Who made it: the name of their token if it is `proven`, else who they said they were, or the address that they came
   * from; missing where that was not recorded.
   */
  author?: string;
  /** The daemon that took it has checked a token. */
  proven?: true;
  /** Who they said they were, with the token. */
  claimedAuthor?: string;
  /** The name of the daemon that took it. */
  daemon?: string;
  /** There is another edit of the same thing, made elsewhere, and neither knew of the other: one of them won. */
  concurrent?: true;
}

/** Which edits to tell. */
export interface HistoryQuery {
  /** Those of this backend; with `frontend`, those of either. Neither: all. */
  backend?: string;
  frontend?: string;
  /** So many of the last ones. */
  limit: number;
}

/** A concurrent value that lost against the present one: a value, or a deletion. */
export type ConflictingValue<T> = T | { deleted: true };

/** A resource with the values that conflict with it, until the next edit resolves the conflict. */
export type WithConflicts<T> = T & { conflict?: ConflictingValue<T>[] };
