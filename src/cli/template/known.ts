/** What a template is rendered from, before it is given the shape that templates read. */

import { Picture, realTimers, type SeenEvent } from '../../client/index.js';
import type { Backend, Frontend, Target } from '../../model/catalog.js';
import { daemonApp } from '../../model/daemon.js';
import type { BenderEvent, DaemonIdentity } from '../../model/events.js';
import { type Near, partedBy } from '../../model/near.js';
import type { Registration } from '../../model/registration.js';
import { targetMatcher } from '../../model/targets.js';
import { type Freshness, WarmUps } from '../../model/warm-up.js';
import { weigh, type Weighted } from '../../model/weights.js';

/** A registration of a backend. */
export interface Member extends Weighted {
  /** Callers are sent to it only if none of the others can be reached. */
  backup?: true;
}

/** A backend with the registrations that it resolves to. */
export type Pool = Backend & { registrations: Member[] };

/** All lists are sorted, so that the same news in another order render the same. */
export interface Known {
  frontends: Frontend[];
  backends: Pool[];
  /** Of services; the daemons stand in a list of their own. */
  registrations: Registration[];
  daemons: DaemonIdentity[];
}

/** What is to last. Daemons are not part of it, since they may change at any time. */
export type Lasting = Omit<Known, 'daemons'>;

/** Which names were deleted, as opposed to those that are just no longer there. */
export interface Deleted {
  backends: ReadonlySet<string>;
  frontends: ReadonlySet<string>;
}

/** What the events so far add up to. */
export class Registry {
  readonly #picture = new Picture();
  readonly #warmUps = new WarmUps();
  readonly #deleted = { backends: new Set<string>(), frontends: new Set<string>() };

  /** @param now  monotonic ms */
  constructor(private readonly now: () => number = () => realTimers.now()) {}

  get deleted(): Deleted {
    return this.#deleted;
  }

  apply(event: BenderEvent): void {
    const wasSent = event.type !== 'snapshot';
    const changes = [...this.#picture.apply(event)];
    if (!wasSent || event.type.startsWith('backend-')) this.#warmUps.follow(this.#picture.backends);
    if (wasSent) for (const change of changes) this.#note(change);
    for (const { name } of this.#picture.backends) this.#deleted.backends.delete(name);
    for (const { name } of this.#picture.frontends) this.#deleted.frontends.delete(name);
  }

  /** In how many ms weights change without an event, since instances warm; Infinity: not at all. */
  get nextStepMs(): number {
    return this.#warmUps.next - this.now();
  }

  /** Takes the steps of the warm-ups that are due. */
  step(): void {
    this.#warmUps.step(this.now());
  }

  /** @param near  the instances that callers prefer: the others are backups */
  known(near?: Near): Known {
    this.step();
    const registrations = this.#picture.registrations.filter(({ app }) => app !== daemonApp).sort(by(({ id }) => id));
    return {
      frontends: this.#picture.frontends.sort(by(({ name }) => name)),
      backends: this.#picture.backends
        .map((backend) => ({
          ...backend,
          registrations: membersOf(backend, registrations, near, this.#warmUps.fresh(backend)),
        }))
        .sort(by(({ name }) => name)),
      registrations,
      daemons: this.#picture.daemons.sort(by(({ name }) => name)),
    };
  }

  /** What came online before a snapshot is warm, as far as this watcher knows. */
  #note(change: SeenEvent): void {
    if (change.type === 'online' || change.type === 'offline')
      this.#warmUps.see({ type: change.type, id: change.registration.id }, this.now());
    if (change.type === 'backend-deleted') this.#deleted.backends.add(change.backend.name);
    if (change.type === 'frontend-deleted') this.#deleted.frontends.add(change.frontend.name);
  }
}

/** Sorted like `all`. Backups have weights of their own, as they serve only when no others do. */
function membersOf(target: Target, all: readonly Registration[], near: Near | undefined, fresh: Freshness): Member[] {
  const { served, spare } = partedBy(target, all.filter(targetMatcher(target)), near);
  const backups = weigh(target, spare, fresh).map((one): Member => ({ ...one, backup: true }));
  return [...weigh(target, served, fresh), ...backups].sort(by(({ id }) => id));
}

export const by =
  <T>(key: (thing: T) => string) =>
  (a: T, b: T): number =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
