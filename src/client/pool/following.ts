/**
 * What a frontend serves, followed through the event stream.
 *
 * What always holds:
 * 1. After a deployment, the former instances are returned until those of the new target are known.
 * 2. Only an event of the frontend or its backend takes the target away. A snapshot without them does not: a registry
 *    that has lost its catalog says so, too. Nor do the events by which it comes back, piece by piece.
 */

import type { Frontend, Routing, WeightedTarget } from '../../model/catalog.js';
import { eventTypes } from '../../model/events.js';
import type { Registration } from '../../model/registration.js';
import { routingOf } from '../../model/routing.js';
import { allWarm, type Freshness } from '../../model/warm-up.js';
import type { EventFilter } from '../events.js';
import type { SeenEvent } from '../picture.js';
import type { Timers } from '../timers.js';
import type { OpenView, Trouble, Views } from './view.js';
import { Warming } from './warming.js';

const catalogTypes = eventTypes.filter((type) => /^(backend|frontend)-/.test(type));

export interface Served {
  /** Undefined if nothing is served. */
  target?: WeightedTarget;
  /** Those of the target that are online. */
  registrations: Registration[];
  /** Those of them that are not warm. */
  fresh: Freshness;
}

/** The instances of one target. */
interface Instances {
  target: WeightedTarget;
  key: string;
  view: OpenView;
}

export class Following {
  readonly #catalog: OpenView;
  readonly #warming: Warming;
  #routing: Routing = {};
  /** Why nothing is served, as a trusted daemon has said. */
  #nothing: string | undefined;
  /** Set if the last snapshot had no such frontend, although there was one before. */
  #missing: Trouble | undefined;
  #backend: string | undefined;
  #current: Instances | undefined;
  /** Those of the target of a deployment, until they are known. */
  #next: Instances | undefined;
  #isClosed = false;

  /** @param onChange  called when `served` or `trouble` may have changed */
  constructor(
    private readonly views: Views,
    readonly frontend: string,
    private readonly onChange: () => void,
    private readonly timers: Pick<Timers, 'now' | 'sleep'>,
  ) {
    this.#warming = new Warming(timers, onChange);
    this.#catalog = views.open({ types: catalogTypes }, this.#onCatalog);
    if (this.#catalog.isKnown) this.#onCatalog([], true);
  }

  /** Undefined as long as nothing is known. */
  get served(): Served | undefined {
    const { view, target } = this.#current ?? {};
    if (view?.isKnown && target)
      return { target, registrations: inTarget(view, target), fresh: this.#warming.fresh(target) };
    return this.#nothing === undefined ? undefined : { registrations: [], fresh: allWarm };
  }

  /** The routing facts of the frontend and its backend; empty as long as they are not known. */
  get routing(): Routing {
    return this.#routing;
  }

  /** Why nothing is served, according to the catalog. */
  get nothing(): string | undefined {
    return this.#nothing;
  }

  /**
   * Why `served` may be out of date: no daemon that can be trusted is there, or has this frontend, or tells the
   * instances of its new target.
   */
  get trouble(): Trouble | undefined {
    const next = this.#next?.view.trouble;
    const ofNext = next?.isFirst ? undefined : next;
    const current = this.#current?.view.trouble;
    // What is served for the first time, or again, is about to be known.
    const ofCurrent = current?.isFirst && this.#nothing !== undefined ? undefined : current;
    return this.#catalog.trouble ?? ofCurrent ?? this.#missing ?? ofNext;
  }

  close(): void {
    this.#isClosed = true;
    this.#catalog.close();
    this.#current?.view.close();
    this.#next?.view.close();
    this.#warming.close();
  }

  readonly #onCatalog = (changes: readonly SeenEvent[], isSnapshot: boolean): void => {
    if (this.#isClosed) return;
    if (isSnapshot || changes.some((change) => this.#concerns(change))) this.#readCatalog(changes, isSnapshot);
    this.onChange();
  };

  #concerns(change: SeenEvent): boolean {
    if ('frontend' in change) return change.frontend.name === this.frontend;
    return 'backend' in change && change.backend.name === this.#backend;
  }

  #readCatalog(changes: readonly SeenEvent[], isSnapshot: boolean): void {
    const { frontends, backends } = this.#catalog.picture;
    const frontend = frontends.find(({ name }) => name === this.frontend);
    const backend = backends.find(({ name }) => name === frontend?.backend);
    if (backend === undefined && this.#current !== undefined && (isSnapshot || this.#isLost(frontend, changes))) {
      this.#missing ??= { since: this.timers.now(), reason: `the daemons have lost the frontend ${this.frontend}` };
      return;
    }
    this.#missing = undefined;
    this.#backend = frontend?.backend;
    if (frontend !== undefined) this.#routing = routingOf(frontend, backend);
    if (backend !== undefined) {
      this.#warming.follow(backend);
      return this.#aim(targetOf(backend));
    }
    this.#nothing = frontend === undefined ? `there is no frontend ${this.frontend}` : nothingBehind(frontend);
    this.#next?.view.close();
    this.#current?.view.close();
    this.#next = this.#current = undefined;
    this.#warming.follow();
  }

  /** Whether the daemons have lost what is served, and no event since then says that it is to end. */
  #isLost(frontend: Frontend | undefined, changes: readonly SeenEvent[]): boolean {
    if (this.#missing === undefined) return false;
    const isDeleted = changes.some((change) => change.type.endsWith('-deleted') && this.#concerns(change));
    return !isDeleted && (frontend === undefined || frontend.backend === this.#backend);
  }

  /** Follows the instances of `target`: of a new one in place of the former ones once they are known. */
  #aim(target: WeightedTarget): void {
    const filter = filterOf(target);
    const key = JSON.stringify(filter);
    if (this.#next?.key === key) {
      this.#next.target = target;
    } else if (this.#current?.key === key) {
      this.#current.target = target;
      this.#next?.view.close();
      this.#next = undefined;
    } else {
      this.#next?.view.close();
      this.#next = { target, key, view: this.views.open(filter, this.#onInstances) };
    }
    this.#settle();
  }

  readonly #onInstances = (changes: readonly SeenEvent[], isSnapshot: boolean): void => {
    if (this.#isClosed) return;
    this.#warming.see(changes, isSnapshot);
    this.#settle();
    this.onChange();
  };

  #settle(): void {
    if (this.#next !== undefined && (this.#current === undefined || this.#next.view.isKnown)) {
      this.#current?.view.close();
      this.#current = this.#next;
      this.#next = undefined;
    }
    if (this.#current?.view.isKnown) this.#nothing = undefined;
  }
}

/** Daemons know which versions are in a range. Those of a split are told apart here, so that it may change. */
const filterOf = ({ app, version }: WeightedTarget): EventFilter => ({
  app,
  ...(version !== undefined && { version }),
  types: ['online', 'offline', 'updated'],
});

const targetOf = ({ app, version, split, warmupMs }: WeightedTarget): WeightedTarget => ({
  ...(split === undefined ? { app, version } : { app, split }),
  ...(warmupMs !== undefined && { warmupMs }),
});

const inTarget = ({ picture }: OpenView, { split }: WeightedTarget): Registration[] =>
  picture.registrations.filter(({ version }) => split === undefined || Object.hasOwn(split, version));

const nothingBehind = ({ name, backend }: { name: string; backend?: string }): string =>
  backend === undefined ? `the frontend ${name} has no backend` : `there is no backend ${backend}`;
