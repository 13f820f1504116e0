/**
 * Direct exchanges with other daemons: one link per URL, and at most one exchange of documents and signs of life in
 * flight on each, so that whatever happens during one leaves together with the next. Forwarded renewals do not wait for
 * it: they have their own requests (`Exchange.forward`).
 */

import type { MonotonicTime } from '../../../crdt/clocks.js';
import type { CallTarget, DocumentName, RunId } from '../../../crdt/ids.js';
import { PeerSync } from '../../../crdt/peer-sync.js';
import type { Documents } from '../../../crdt/sync-message.js';
import { BenderError } from '../../../model/errors.js';
import type { Frame } from './frame.js';
import { type Log, logFailure } from '../log.js';
import type { Runtime, Transport } from '../runtime.js';
import { heartbeatEveryMs, maxPacingMs } from './timing.js';

/** What a link says and hears is made and understood by the daemon. */
export interface LinkHost {
  /** The peer has answered, for the first time since it could not be reached. */
  onReached(link: Link): void;
  /** A try failed: the peer could not be reached, or refuses (see {@link isRefusal}). */
  onUnreached(link: Link, error: Error): void;
  /** The next request to this peer; with everything that lets it compare all documents if `heartbeat`. */
  compose(link: Link, heartbeat: boolean): Frame;
  /** Takes in what the peer answered. Throws a BenderError if the peer must not answer so. */
  accept(link: Link, answer: Frame): void;
}

export class Link {
  sync: PeerSync;
  /** The incarnation that answered last. */
  runId: RunId | undefined;
  /** Whether the last exchange that was begun here succeeded. */
  up = false;
  /** Whether that incarnation was synced. */
  knowing = false;
  /** Whether the connection was accepted, so that a missing answer may mean a busy peer rather than an absent one. */
  there = false;
  /** ms that the last successful exchange took. */
  roundTripMs: number | undefined;
  /** When the peer last answered, or this link was created. */
  #answeredAt: MonotonicTime;
  #busy = false;
  #again = false;
  #heartbeat = false;
  /** The timeout of the next exchange, and the longest timeout since one succeeded. */
  #timeoutMs: number;
  #longestTimeoutMs: number;
  /** Callers that wait for an exchange that begins after their call. */
  #waiting: (() => void)[] = [];
  #closed = false;
  /** How long this link rests after its last exchange. */
  #pacingMs = 0;
  readonly #logBug: (error: unknown) => void;

  /** @param url  where the peer is called: see peer-address.ts */
  constructor(
    readonly url: CallTarget,
    private readonly documents: Documents,
    private readonly runtime: Runtime,
    private readonly transport: Pick<Transport, 'exchange'>,
    private readonly host: LinkHost,
    log: Pick<Log, 'error'>,
    /** The silence after which a daemon is lost: no exchange may take longer. */
    private readonly peerTimeoutMs: number,
  ) {
    this.sync = new PeerSync(documents);
    this.#timeoutMs = this.#longestTimeoutMs = heartbeatEveryMs(peerTimeoutMs);
    this.#answeredAt = runtime.now();
    this.#logBug = logFailure(log, 'an exchange with a peer', { peer: url });
  }

  /** The time since the peer last answered, or since this link was created. */
  get silenceMs(): number {
    return this.runtime.now() - this.#answeredAt;
  }

  /** Begins again, relying on nothing that was exchanged before. */
  reset(): void {
    this.sync = new PeerSync(this.documents);
    this.up = this.knowing = this.there = false;
    this.#answeredAt = this.runtime.now();
  }

  /** The peer at this URL is `runId`. If it was another one before, synchronization begins again. */
  identify(runId: RunId): void {
    if (this.runId !== undefined && this.runId !== runId) this.sync = new PeerSync(this.documents);
    this.runId = runId;
  }

  /** A document has changed: it is sent at once if the link is free, else with the next exchange. */
  changed(name: DocumentName): void {
    this.sync.changed(name);
    this.poke();
  }

  heartbeat(): void {
    this.#heartbeat = true;
    this.poke();
  }

  /** Starts an exchange, now or right after the present one. */
  poke(): void {
    if (this.#closed) return;
    this.#again = true;
    if (!this.#busy) this.#run().catch(this.#logBug);
  }

  /** Resolves once an exchange that begins from now on is over, whether it succeeded or not. */
  exchanged(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.heartbeat();
    });
  }

  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        if (!this.#heartbeat && this.sync.quiet) continue;
        const waiting = this.#waiting;
        this.#waiting = [];
        const ok = await this.#exchange().finally(() => waiting.forEach((resolve) => resolve()));
        if (ok && !this.sync.quiet) this.#again = true;
        // After a failure the next heartbeat tries again: more tries would not help a daemon in trouble. That heartbeat
        // may have fallen due during the exchange.
        if (!ok && !this.#heartbeat) this.#again = false;
        if (this.#pacingMs > 0 && !this.sync.quiet)
          await new Promise<void>((resolve) => this.runtime.after(this.#pacingMs, resolve));
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Resolves with whether a request was answered, and the answer taken in. */
  async #exchange(): Promise<boolean> {
    const begun = this.runtime.now();
    const sync = this.sync;
    const heartbeat = this.#heartbeat;
    this.#heartbeat = false;
    this.#pacingMs = 0;
    let there = false;
    const wasUp = this.up;
    const frame = this.#ours(() => this.host.compose(this, heartbeat));
    if (!frame) return false;
    try {
      const answer = await this.transport.exchange(this.url, frame, this.#timeoutMs, () => {
        this.there = there = true;
      });
      this.#onAnswer(this.runtime.now() - begun, frame, answer);
      const isTaken = this.#ours(() => (this.host.accept(this, answer), true)) ?? false;
      if (isTaken && !wasUp) this.host.onReached(this);
      return isTaken;
    } catch (error) {
      this.up = false;
      this.there = there && isSilence(error);
      this.#timeoutMs = this.#nextTimeoutMs();
      sync.failed();
      this.host.onUnreached(this, error as Error);
      return false;
    }
  }

  /**
   * Runs this daemon's own part of an exchange. An error there does not concern the peer: after a suspension the
   * exchange is dropped, and a bug is logged. The next heartbeat tries again. Throws the errors that the peer has
   * caused.
   */
  #ours<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (error instanceof BenderError && error.code !== 'NOT_READY') throw error;
      this.sync.failed();
      if (!(error instanceof BenderError)) this.#logBug(error);
      return undefined;
    }
  }

  #onAnswer(tookMs: number, frame: Frame, answer: Frame): void {
    this.#answeredAt = this.runtime.now();
    this.roundTripMs = tookMs;
    if (frame.sync?.changes) this.#pacingMs = Math.min(2 * tookMs, maxPacingMs);
    this.up = true;
    this.knowing = answer.from.synced;
    this.#timeoutMs = this.#longestTimeoutMs = Math.min(
      this.peerTimeoutMs,
      Math.max(heartbeatEveryMs(this.peerTimeoutMs), 3 * this.roundTripMs),
    );
  }

  /**
   * Every other try has twice the longest timeout so far, up to the peer timeout and then from the beginning, since the
   * peer may be slow. The tries between are short, since it may be cut off, or a message was lost: nothing can be sent
   * to it meanwhile.
   */
  #nextTimeoutMs(): number {
    const shortestMs = heartbeatEveryMs(this.peerTimeoutMs);
    if (this.#timeoutMs === shortestMs)
      return (this.#longestTimeoutMs = Math.min(this.peerTimeoutMs, 2 * this.#longestTimeoutMs));
    if (this.#longestTimeoutMs >= this.peerTimeoutMs) this.#longestTimeoutMs = shortestMs;
    return shortestMs;
  }
}

/** Whether there was no answer, or the answer that the peer cannot serve now. */
const isSilence = (error: unknown): boolean =>
  error instanceof BenderError && (error.code === 'UNREACHABLE' || error.code === 'NOT_READY');

/** Whether the peer has refused, or its answer was not valid. */
export const isRefusal = (error: unknown): boolean => error instanceof BenderError && !isSilence(error);
