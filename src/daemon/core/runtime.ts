/**
 * All that the core needs of the world: time, randomness, a way to reach peers, somewhere to write what
 * happened. The real one is src/daemon/node-runtime.ts; tests and the simulator bring their own.
 */

import type { CallTarget, DaemonName, DaemonUrl } from '../../crdt/ids.js';
import type { MonotonicTime, WallTime } from '../../crdt/clocks.js';
import type { Owner } from '../../crdt/holdings.js';
import type { RunId } from '../../crdt/ids.js';
import type { Frame } from './replication/frame.js';
import type { Signatures } from './identity.js';

export interface Runtime extends Signatures {
  /** Monotonic milliseconds from an arbitrary start: for intervals and deadlines, never shown. */
  now(): MonotonicTime;

  /** Unix milliseconds by this host's clock: shown to people, never compared or decided upon. */
  wallNow(): WallTime;

  /** Calls `run` once, `delayMs` from now. */
  after(delayMs: number, run: () => void): Timer;

  /** Calls `run` once the input that is waiting right now has been handled. */
  defer(run: () => void): void;

  /** What this process has had of the time so far; only differences mean anything. */
  usage(): ProcessUsage;

  /** A new random id: 16 or more characters that no other call, here or elsewhere, will answer. */
  randomId(): string;

  /** Without it, any incarnation may have any name. */
  names?: Names | undefined;
}

/** Ties the names of daemons to their run ids, if daemons have certificates. */
export interface Names {
  /** What shows that the daemon `name` runs as `runId`; the same text until there is a new certificate. */
  claim(name: string, runId: RunId): string;

  /** Whether an owner's claim shows that it has its name. */
  isProven(owner: Pick<Owner, 'name' | 'runId' | 'claim'>): boolean;
}

/** Tells a daemon that is busy from one that is suspended. */
export interface ProcessUsage {
  /** Monotonic ms for which the process was running, or ready to run and waiting for a processor. */
  activeMs: number;
  /** ms for which the machine slept: no part of monotonic time. */
  asleepMs: number;
}

export interface Timer {
  cancel(): void;
}

/** How frames reach a peer. Few methods, so that a simulated network is a page of code. */
export interface Transport {
  /** The addresses that a host name stands for now. Rejects if it stands for none. */
  lookup(name: string): Promise<string[]>;

  /** Gives up the connection to a peer, if there is one: the next exchange makes another. */
  hangUp(at: CallTarget): void;

  /**
   * Sends a frame to the daemon at `at` (see peer-address.ts) and answers the frame that it answers. Rejects when that
   * takes longer than `timeoutMs`, when the peer cannot be reached, and with the peer's own BenderError
   * (CLUSTER_MISMATCH, INVALID, …) when it refuses. Whether a rejected frame arrived is unknown. `onThere` is called as
   * soon as somebody accepts the connection: who does not answer then may be busy, and is not absent.
   */
  exchange(at: CallTarget, frame: Frame, timeoutMs: number, onThere?: () => void): Promise<Frame>;
}

/** What a daemon is told at its start. Durations in ms. */
export interface DaemonSettings {
  /** Unique among live daemons of the cluster; stays the same over restarts. */
  name: DaemonName;
  /** The base URL at which peers reach this daemon. */
  url: DaemonUrl;
  /** Daemons of different clusters refuse each other. */
  cluster: string;
  /** Base URLs of daemons to join; any one of the cluster suffices. A name stands for all of its addresses. */
  peers: DaemonUrl[];
  /** For registrations that do not say; default 4000. */
  ttlMs: number;
  /**
   * Silence after which a daemon counts as lost; default 2000. Heartbeats go out at a fifth of it. Lower finds crashes
   * sooner and costs heartbeats; higher tolerates worse networks.
   */
  peerTimeoutMs: number;
  /**
   * What to do on hearing fewer than half of the daemons known: `keep` (default) the last view, marked stale,
   * or let everything that others held `expire`.
   */
  whenIsolated?: 'keep' | 'expire';
  /** ms after which an isolated daemon takes what it sees for all there is; default 10 minutes. */
  isolatedForMs?: number;
  /** ms after a start without a peer that knows better until this daemon is sure who is alive; default: the TTL. */
  warmForMs?: number;
  /** Writes beyond one and a half times what is live after which the history of the holdings is cut; default 500. */
  historySlack?: number;
  /** The bender version to report. */
  version: string;
}

/** What a daemon asks of whoever runs it. */
export interface DaemonEdge {
  /** It must not go on, because another one bears its name. */
  onFatal?: (error: Error) => void;
  /** It was away: requests that were waiting for it meanwhile are to be dropped, with their connections. */
  onPause?: () => void;
}
