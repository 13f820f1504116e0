/** What a template is rendered from, before it is given the shape that templates read. */

import { Picture, type SeenEvent } from '../../client/index.js';
import type { Backend, Frontend } from '../../model/catalog.js';
import { daemonApp } from '../../model/daemon.js';
import type { BenderEvent, DaemonIdentity } from '../../model/events.js';
import type { Registration } from '../../model/registration.js';
import type { Weighted } from '../../model/weights.js';
import { resolveTarget } from '../../model/targets.js';

/** A backend with the registrations that it resolves to. */
export type Pool = Backend & { registrations: Weighted[] };

/** All lists are sorted, so that the same news in another order render the same. */
export interface Known {
  frontends: Frontend[];
  backends: Pool[];
  /** Of services; the daemons stand in a list of their own. */
  registrations: Registration[];
  daemons: DaemonIdentity[];
}

/** What is to last: who the daemons are may change at any time. */
export type Lasting = Omit<Known, 'daemons'>;

/** Which names somebody has deleted, as opposed to those that are just not there any more. */
export interface Deleted {
  backends: ReadonlySet<string>;
  frontends: ReadonlySet<string>;
}

/** What the events so far add up to. */
export class Registry {
  readonly #picture = new Picture();
  readonly #deleted = { backends: new Set<string>(), frontends: new Set<string>() };

  get deleted(): Deleted {
    return this.#deleted;
  }

  apply(event: BenderEvent): void {
    const wasSent = event.type !== 'snapshot';
    for (const change of this.#picture.apply(event)) if (wasSent) this.#noteDeletion(change);
    for (const { name } of this.#picture.backends) this.#deleted.backends.delete(name);
    for (const { name } of this.#picture.frontends) this.#deleted.frontends.delete(name);
  }

  known(): Known {
    const registrations = this.#picture.registrations.filter(({ app }) => app !== daemonApp).sort(by(({ id }) => id));
    return {
      frontends: this.#picture.frontends.sort(by(({ name }) => name)),
      backends: this.#picture.backends
        .map((backend) => ({ ...backend, registrations: resolveTarget(backend, registrations) }))
        .sort(by(({ name }) => name)),
      registrations,
      daemons: this.#picture.daemons.sort(by(({ name }) => name)),
    };
  }

  #noteDeletion(change: SeenEvent): void {
    if (change.type === 'backend-deleted') this.#deleted.backends.add(change.backend.name);
    if (change.type === 'frontend-deleted') this.#deleted.frontends.add(change.frontend.name);
  }
}

export const by =
  <T>(key: (thing: T) => string) =>
  (a: T, b: T): number =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
