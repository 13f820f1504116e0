/** Daemons that are online stand in the view as registrations of their own, and watchers hear when they come and go. */

import type { Entry } from '../../../crdt/entry.js';
import type { Owner } from '../../../crdt/holdings.js';
import type { LifeId, RunId } from '../../../crdt/ids.js';
import type { View } from '../../../crdt/view.js';
import { daemonApp } from '../../../model/daemon.js';
import type { DaemonEvent } from '../../../model/events.js';
import { formatId, type RegistrationId } from '../../../model/registration.js';
import type { Incarnation } from '../membership/membership.js';

/** A daemon comes online or goes. */
export type Announcement = DaemonEvent & { daemon: { runId: RunId } };

export class Announcements {
  /** Daemons announced as online, and under which id each stands in the view. */
  readonly #announced = new Map<Incarnation, { owner: Owner; id: RegistrationId }>();

  /** @param ttlMs  for entries that nobody renews */
  constructor(
    private readonly view: View,
    private readonly emit: (event: Announcement) => void,
    private readonly ttlMs: number,
  ) {}

  /** A daemon is online: it stands in the view as a registration of its own, without entry or lease. */
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

  /** It is not online any more. */
  withdraw(incarnation: Incarnation): void {
    const announced = this.#announced.get(incarnation);
    if (!announced) return;
    this.#announced.delete(incarnation);
    const why = incarnation.left ? 'deregistered' : 'daemon-lost';
    this.view.set(incarnation.runId, announced.id, undefined, false, why);
    this.emit({ type: 'daemon-offline', daemon: identityOf(announced.owner) });
  }
}

export const identityOf = ({ name, url, generation, runId, version }: Owner): Announcement['daemon'] => ({
  name,
  url,
  generation,
  runId,
  version,
});

function daemonId({ url, version }: Owner): RegistrationId {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return formatId({
    app: daemonApp,
    version,
    host,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  });
}

const daemonEntry = ({ runId, generation, name, started }: Owner, ttlMs: number): Entry => ({
  // Nobody registers or renews a daemon: it has one life, which is the incarnation's.
  life: runId as string as LifeId,
  rev: generation,
  ttl: ttlMs,
  meta: { name },
  registered: started,
});
