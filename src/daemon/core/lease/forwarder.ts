/**
 * Forwards renewals to the daemons that hold the entries: collected for a moment, sent in batches, never forwarded
 * twice. An update is sent at once, with what was collected so far: it must arrive before the next update of the same
 * client, which may go to the holder itself. A renewal that no holder acknowledges in time comes back, and its entry is
 * held here.
 *
 * If an update is not acknowledged when the next update of its id is sent, it is merged into that one: it does not come
 * back by itself and undo the later one.
 */

import type { DaemonUrl } from '../../../crdt/ids.js';
import type { Entry } from '../../../crdt/entry.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { EntryChange, ForwardedRenewal } from '../replication/frame.js';
import { type Log, logFailure } from '../log.js';
import type { Runtime, Timer } from '../runtime.js';

/** A renewal or update that this daemon accepted for an entry held elsewhere. */
export interface Forwarded {
  id: RegistrationId;
  /** As this daemon knew it when it accepted. */
  entry: Entry;
  change?: EntryChange | undefined;
  /**
   * Whether the change differs from what this daemon knows: then the client may send the next update through another
   * daemon.
   */
  isUpdate?: boolean;
}

/** How long renewals are collected before they are sent. */
const collectForMs = 50;

/** Renewals in a batch that is sent without waiting for more. */
const batchSize = 5000;

/** Characters in such a batch, metadata included, so that it stays below the limit of a message. */
const batchCharacters = 512 * 1024;

/** How long to wait for an acknowledgement; well below the slack of any TTL. */
const acknowledgeWithinMs = 150;

export class Forwarder {
  /** For each batch that was sent and is not acknowledged yet: a function that drops it. */
  readonly #unacknowledged = new Set<() => void>();
  /** By id, the last update that was sent and is not acknowledged yet. */
  readonly #updates = new Map<RegistrationId, Forwarded>();
  readonly #batches = new Map<
    DaemonUrl,
    { renewals: Map<RegistrationId, Forwarded>; characters: number; timer: Timer }
  >();

  /**
   * @param send  sends renewals to the daemon at `url`; resolves with the indices of those that it does not hold
   * @param keep  called with the renewals that no holder has acknowledged
   */
  constructor(
    private readonly runtime: Pick<Runtime, 'after' | 'defer'>,
    private readonly send: (url: DaemonUrl, renewals: ForwardedRenewal[]) => Promise<readonly number[]>,
    private readonly keep: (renewals: Forwarded[]) => void,
    private readonly log: Pick<Log, 'error'>,
  ) {}

  forward(url: DaemonUrl, forwarded: Forwarded): void {
    let batch = this.#batches.get(url);
    if (!batch) {
      batch = {
        renewals: new Map(),
        characters: 0,
        timer: this.runtime.after(collectForMs, () => this.#flush(url)),
      };
      this.#batches.set(url, batch);
    }
    const before = forwarded.change && this.#updates.get(forwarded.id)?.change;
    const change = { ...before, ...batch.renewals.get(forwarded.id)?.change, ...forwarded.change };
    batch.renewals.set(forwarded.id, {
      ...forwarded,
      change: Object.keys(change).length > 0 ? change : undefined,
    });
    batch.characters += charactersOf(forwarded);
    const isFull = batch.renewals.size >= batchSize || batch.characters >= batchCharacters;
    if (forwarded.isUpdate || isFull) this.#flush(url);
  }

  /** Sends everything that was collected. */
  flush(): void {
    for (const url of [...this.#batches.keys()]) this.#flush(url);
  }

  /** Drops everything that was collected, or sent and not acknowledged yet. */
  drop(): void {
    for (const { timer } of this.#batches.values()) timer.cancel();
    this.#batches.clear();
    for (const cancel of [...this.#unacknowledged]) cancel();
  }

  #flush(url: DaemonUrl): void {
    const batch = this.#batches.get(url);
    if (!batch) return;
    batch.timer.cancel();
    this.#batches.delete(url);
    const renewals = [...batch.renewals.values()];
    for (const renewal of renewals) if (renewal.change) this.#updates.set(renewal.id, renewal);
    let settled = false;
    const settle = (unheld: Forwarded[]): void => {
      if (settled) return;
      settled = true;
      timer.cancel();
      this.#unacknowledged.delete(cancel);
      const left = unheld.filter((renewal) => !renewal.change || this.#updates.get(renewal.id) === renewal);
      for (const renewal of renewals) if (this.#updates.get(renewal.id) === renewal) this.#updates.delete(renewal.id);
      if (left.length > 0) this.keep(left);
    };
    const cancel = (): void => settle([]);
    this.#unacknowledged.add(cancel);
    // Deferred, so that an acknowledgement that waits to be read is read first.
    const timer = this.runtime.after(acknowledgeWithinMs, () => this.runtime.defer(() => settle(renewals)));
    this.send(
      url,
      renewals.map(({ id, entry, change }) =>
        change ? [id, entry.life, entry.rev, change] : [id, entry.life, entry.rev],
      ),
    )
      .then(
        (refused) => settle(refused.flatMap((index) => renewals[index] ?? [])),
        () => settle(renewals),
      )
      .catch(logFailure(this.log, 'taking over renewals'));
  }
}

/** What a renewal takes in a message, roughly: an id, a life, and what is said anew. */
const charactersOf = ({ id, change }: Forwarded): number =>
  64 + id.length + (change?.meta ? JSON.stringify(change.meta).length : 0);
