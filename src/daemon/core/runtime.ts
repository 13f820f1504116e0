/**
 * What the core needs from outside: time, randomness and a way to reach peers. The real one is
 * src/daemon/node-runtime.ts; tests and the simulator have their own.
 */

import type { CallTarget, DaemonName, DaemonUrl } from '../../crdt/ids.js';
import type { MonotonicTime, WallTime } from '../../crdt/clocks.js';
import type { Owner } from '../../crdt/holdings.js';
import type { RunId } from '../../crdt/ids.js';
import type { Check } from '../../model/check.js';
import type { Address } from '../../model/registration.js';
import type { Frame } from './replication/frame.js';
import type { Signatures } from './identity.js';

export interface Runtime extends Signatures {
  /** Monotonic milliseconds from an arbitrary start: for intervals and deadlines, never shown. */
  now(): MonotonicTime;

  /** Unix milliseconds by this host's clock: shown to people, never compared or decided upon. */
  wallNow(): WallTime;

  /** Calls `run` once, `delayMs` from now. */
  after(delayMs: number, run: () => void): Timer;

  /** Calls `run` once the input that is waiting now has been handled. */
  defer(run: () => void): void;

  /** How much time this process has had so far; only differences mean anything. */
  usage(): ProcessUsage;

  /** A new random id of at least 16 characters, which no other call returns, here or elsewhere. */
  randomId(): string;

  /** Without it, any incarnation may have any name. */
  names?: Names | undefined;

  /** Without it, this daemon probes no instances. */
  probes?: Probes | undefined;
}

/** How instances are probed that cannot renew by themselves. */
export interface Probes {
  /** Why this daemon does not probe there; undefined if it does, or if that depends on what the name stands for. */
  refusal(target: Pick<Address, 'host' | 'port'>): string | undefined;

  /** Probes once. Resolves if the instance is healthy, rejects with what is wrong. Stops when `signal` aborts. */
  probe(target: ProbeTarget, signal: AbortSignal): Promise<void>;
}

/** The address of an instance, and how to probe it. */
export interface ProbeTarget extends Pick<Address, 'host' | 'port'> {
  check: Check;
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
  /** Resolves a host name to its addresses. Rejects if it has none. */
  lookup(name: string): Promise<string[]>;

  /** Closes the connection to a peer, if there is one: the next exchange opens another. */
  hangUp(at: CallTarget): void;

  /**
   * Sends a frame to the daemon at `at` (see peer-address.ts) and resolves with its answer. Rejects if that takes
   * longer than `timeoutMs`, if the peer cannot be reached, and with the peer's own BenderError (CLUSTER_MISMATCH,
   * INVALID, …) if it refuses. Whether a rejected frame arrived is unknown. `onThere` is called when the connection is
   * accepted: a peer that does not answer then may be busy rather than absent.
   */
  exchange(at: CallTarget, frame: Frame, timeoutMs: number, onThere?: () => void): Promise<Frame>;
}

/** The settings of a daemon, fixed at its start. */
export interface DaemonSettings {
  /** Unique among the live daemons of the cluster; stays the same over restarts. */
  name: DaemonName;
  /** The base URL at which peers reach this daemon. */
  url: DaemonUrl;
  /** The base URL at which clients reach it, if that is another one. */
  apiUrl?: DaemonUrl | undefined;
  /** Daemons of different clusters refuse each other. */
  cluster: string;
  /** Base URLs of daemons to join; one of the cluster suffices. A host name stands for all of its addresses. */
  peers: DaemonUrl[];
  /** The TTL of registrations that give none; default 4000. */
  ttlMs: number;
  /**
   * Silence after which a daemon counts as lost; default 2000. Heartbeats go out every fifth of it. A lower value finds
   * crashes sooner and costs more heartbeats; a higher one tolerates worse networks.
   */
  peerTimeoutMs: number;
  /**
   * What to do when fewer than half of the known daemons are heard: `keep` (default) the last view, marked stale, or
   * let everything that others held `expire`.
   */
  whenIsolated?: 'keep' | 'expire';
  /** How long an isolated daemon keeps its last view before it lets entries expire; default 10 minutes. */
  isolatedForMs?: number;
  /** How long after a start without a warm peer this daemon takes to know what is alive; default: the TTL. */
  warmForMs?: number;
  /**
   * Writes beyond one and a half times the live entries, after which the history of the holdings is cut; default 500.
   */
  historySlack?: number;
  /** The bender version to report. */
  version: string;
}

/** What a daemon needs from the process around it. */
export interface DaemonEdge {
  /** The daemon must end: its name is taken by another one, or it could not join again. */
  onFatal?: (error: Error) => void;
  /** The daemon was suspended: requests that waited meanwhile have to be dropped, with their connections. */
  onPause?: () => void;
}
