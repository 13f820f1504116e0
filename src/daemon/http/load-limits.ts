/** How much of everything clients may make a daemon keep at a time. What operators may need to change is a setting. */

import type { Cap } from './callers.js';

export interface LoadLimits {
  connections: Cap;
  /** Open event streams. */
  watchers: Cap;
  /** Changes of the catalog per second, in the long run; a hundred times as many at once. */
  catalogWrites: number;
  /** Requests per second in the long run, and ten times as many at once; undefined: without bound. */
  requests: number | undefined;
  /** Registrations that a daemon holds. */
  registrations: number;
  /** Bytes of metadata of the registrations that were made at a daemon and are online. */
  metaBytes: number;
  /** Wrong tokens from one address that are answered at once; beyond that, one per second. */
  wrongTokens: number;
}

/**
 * Room for ten thousand services that hold a connection each, behind one address or many; an idle connection takes 6
 * KB, a watcher some 20. No single address can have all of it. The catalog keeps its history for good, at 1.4 KB a
 * change: its rate leaves room for an import of thousands of backends, and keeps a loop gone wild from filling memory
 * within the hour.
 */
export const loadLimitDefaults: LoadLimits = {
  connections: { total: 20_000, perAddress: 16_000 },
  watchers: { total: 5000, perAddress: 4000 },
  catalogWrites: 50,
  requests: undefined,
  registrations: 500_000,
  metaBytes: 128 * 1024 * 1024,
  wrongTokens: 20,
};

/** Seconds of {@link LoadLimits.catalogWrites} that may be used at once. */
export const catalogBurstSeconds = 100;

/** Seconds of {@link LoadLimits.requests} that may be used at once, and that renewals may use in advance. */
export const requestBurstSeconds = 10;

/** Seconds after which to try again what needs others to go first: instances come and go within their TTL. */
export const quotaRetryAfter = 5;

/**
 * Bytes of all request bodies that are being received. Those below {@link smallBody} do not count: connections bound
 * them.
 */
export const bodiesMost = 128 * 1024 * 1024;
export const smallBody = 16 * 1024;

/** Bytes of all answers above {@link smallAnswer} that wait to be read. An answer that many read counts once. */
export const unreadMost = 256 * 1024 * 1024;
export const smallAnswer = 64 * 1024;

/** ms for which a body or an unread answer keeps its memory, however many others need some. */
export const memoryGraceMs = 5000;
