/** What load generators are told and say. */

import type { Message } from './requests.js';

/** Requests under way at a time, each on a connection of its own. */
export const connections = 32;

export interface Load {
  port: number;
  /** Whether the server speaks TLS. Its certificate is not verified. */
  overTls?: boolean | undefined;
  /** Sent one after the other, and then again from the first. */
  messages: readonly Message[];
  seconds: number;
}

export interface LoadResult {
  requests: number;
  perSecond: number;
  /** ms from request to answer with all connections busy. */
  p50: number;
  p99: number;
  /** Answers of 400 or more. */
  refused: number;
  /** Requests without an answer. */
  broken: number;
}
