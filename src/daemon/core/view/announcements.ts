/** Lists the daemons that are online as registrations in the view, and emits events when they come and go. */

import type { Entry } from '../../../crdt/entry.js';
import type { Owner } from '../../../crdt/holdings.js';
import type { LifeId, RunId } from '../../../crdt/ids.js';
import type { View } from '../../../crdt/view.js';
import { daemonApp } from '../../../model/daemon.js';
import type { DaemonEvent } from '../../../model/events.js';
import { formatId, type RegistrationId } from '../../../model/registration.js';
import type { Incarnation } from '../membership/membership.js';

/** A daemon came online or went offline. */
export type Announcement = DaemonEvent & { daemon: { runId: RunId } };

export class Announcements {
  /** The daemons that are announced as online, and the id of each in the view. */
  readonly #announced = new Map<Incarnation, { owner: Owner; id: RegistrationId }>();

  /** @param ttlMs  for entries that are not renewed */
  constructor(
    private readonly view: View,
    private readonly emit: (event: Announcement) => void,
    private readonly ttlMs: number,
  ) {}

  /**
   * A daemon is online: it is listed in the view like a registration, without an entry in holdings and without a lease.
   */
  announce(incarnation: Incarnation): void {
    const owner = incarnation.holdings?.owner;
    if (!owner) return;
    const before = this.#announced.get(incarnation);
    const id = daemonId(owner);
    if (before && before.id !== id) this.view.set(incarnation.runId, before.id, undefined);
    this.view.set(incarnation.runId, id, daemonEntry(owner, this.ttlMs));
    this.#announced.set(incarnation, { owner, id });
    if (!before) this.emit({ type: 'daemon-online', daemon: identityOf(owner) });
  }

  /** A daemon is no longer online. */
  withdraw(incarnation: Incarnation): void {
    const announced = this.#announced.get(incarnation);
    if (!announced) return;
    this.#announced.delete(incarnation);
    const why = incarnation.left ? 'deregistered' : 'daemon-lost';
    this.view.set(incarnation.runId, announced.id, undefined, false, why);
    this.emit({ type: 'daemon-offline', daemon: identityOf(announced.owner) });
  }
}

export const identityOf = ({ name, url, api, generation, runId, version }: Owner): Announcement['daemon'] => ({
  name,
  url: api ?? url,
  generation,
  runId,
  version,
});

function daemonId({ url, api = url, version }: Owner): RegistrationId {
  const { hostname, port, protocol } = new URL(api);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return formatId({
    app: daemonApp,
    version,
    host,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  });
}

const daemonEntry = ({ runId, generation, name, started }: Owner, ttlMs: number): Entry => ({
  // A daemon is not registered or renewed: it has one life, which is its incarnation.
  life: runId as string as LifeId,
  rev: generation,
  ttl: ttlMs,
  meta: { name },
  registered: started,
});
