/** A registry without sockets: event streams and look-ups as daemons give them, and the troubles of daemons. */

import type { EventFilter, EventOptions, WatchedEvent } from '../../src/client/events.js';
import type { NearOptions } from '../../src/client/resolve-options.js';
import type { Backend, Frontend } from '../../src/model/catalog.js';
import { NotFoundError, UnreachableError } from '../../src/model/errors.js';
import { type BenderEvent, type Change, eventTypes } from '../../src/model/events.js';
import { parseNear, partedBy } from '../../src/model/near.js';
import { formatId, type Registration } from '../../src/model/registration.js';
import { targetMatcher } from '../../src/model/targets.js';
import { versionMatcher } from '../../src/model/version.js';
import { weigh, type Weighted } from '../../src/model/weights.js';

export const instanceOf = (version: string, port: number, fields: Partial<Registration> = {}): Registration => {
  const address = { app: 'web', version, host: '10.0.0.1', port };
  return {
    ...{ resource: 'Registration', id: formatId(address), ...address, ttl: 4000, meta: {}, draining: false },
    ...{ registered: 0, ...fields },
  };
};

interface Stream {
  filter: EventFilter;
  options: EventOptions;
  push: (event: BenderEvent | undefined) => void;
}

export class FakeRegistry {
  readonly registrations = new Map<string, Registration>();
  readonly backends = new Map<string, Backend>();
  readonly frontends = new Map<string, Frontend>();
  /** How many streams were opened, and how often a look-up was made. */
  opened = 0;
  lookUps = 0;
  /** What is wrong: `unreachable`, or what the daemons say of themselves. */
  trouble: 'unreachable' | 'stale' | undefined;
  /** Thrown for each request. */
  refusal: Error | undefined;
  /** Keeps new streams of registrations waiting for their snapshot. */
  isSlow = false;
  readonly #streams = new Set<Stream>();

  get openStreams(): number {
    return this.#streams.size;
  }

  online(...registrations: Registration[]): void {
    for (const registration of registrations) {
      this.registrations.set(registration.id, registration);
      this.#send({ type: 'online', registration });
    }
  }

  offline(registration: Registration): void {
    this.registrations.delete(registration.id);
    this.#send({ type: 'offline', registration, reason: 'expired' });
  }

  drain(registration: Registration): void {
    const drained = { ...registration, draining: true };
    this.registrations.set(registration.id, drained);
    this.#send({ type: 'updated', registration: drained, previous: { draining: false } });
  }

  serve(frontend: Omit<Frontend, 'resource'>): void {
    const value: Frontend = { resource: 'Frontend', ...frontend };
    const type = this.frontends.has(value.name) ? 'frontend-updated' : 'frontend-created';
    this.frontends.set(value.name, value);
    this.#send({ type, frontend: value });
  }

  deploy(backend: Omit<Backend, 'resource'>): void {
    const value = { resource: 'Backend', ...backend } as Backend;
    const type = this.backends.has(value.name) ? 'backend-updated' : 'backend-created';
    this.backends.set(value.name, value);
    this.#send({ type, backend: value });
  }

  deleteFrontend(name: string): void {
    const frontend = this.frontends.get(name)!;
    this.frontends.delete(name);
    this.#send({ type: 'frontend-deleted', frontend });
  }

  /** All streams are lost; while there is trouble, none comes back. */
  fail(trouble: 'unreachable' | 'stale'): void {
    this.trouble = trouble;
    for (const { options } of this.#streams) options.onDisconnect?.({ server: 'a', reason: trouble });
  }

  /** The streams come back, with a snapshot. */
  recover(): void {
    this.trouble = undefined;
    this.snapshots();
  }

  /** All streams get the present state. */
  snapshots(): void {
    for (const stream of this.#streams) {
      stream.options.onConnect?.({ server: 'a' });
      stream.push(this.#snapshot(stream.filter));
    }
  }

  async *events(filter: EventFilter, options: EventOptions): AsyncGenerator<WatchedEvent, void, undefined> {
    this.opened++;
    if (this.refusal) throw this.refusal;
    const waiting: (BenderEvent | undefined)[] = [];
    let wake = (): void => undefined;
    const push = (event: BenderEvent | undefined): void => {
      waiting.push(event);
      wake();
    };
    const stream = { filter, options, push };
    this.#streams.add(stream);
    options.signal?.addEventListener('abort', () => push(undefined));
    if (this.trouble !== undefined) options.onDisconnect?.({ server: 'a', reason: this.trouble });
    else if (!this.isSlow || filter.app === undefined) push(this.#snapshot(filter));
    try {
      for (;;) {
        const event = waiting.shift();
        if (options.signal?.aborted) return;
        if (event) yield { id: '1', event, server: 'a' };
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#streams.delete(stream);
    }
  }

  async resolve(frontend: string, { near, nearAtLeast }: NearOptions = {}): Promise<Weighted[]> {
    this.lookUps++;
    if (this.refusal) throw this.refusal;
    if (this.trouble === 'unreachable') throw new UnreachableError('no daemon reachable');
    const backend = this.backends.get(this.frontends.get(frontend)?.backend ?? '');
    if (!backend) throw new NotFoundError('no such frontend');
    const all = [...this.registrations.values()].filter(targetMatcher(backend));
    return weigh(backend, partedBy(backend, all, near === undefined ? undefined : parseNear(near, nearAtLeast)).served);
  }

  #send(change: Change): void {
    if (this.trouble !== undefined) return;
    for (const { filter, push } of this.#streams) if (passes(filter, change)) push({ ...change, at: 0 });
  }

  #snapshot(filter: EventFilter): BenderEvent {
    const { types = eventTypes } = filter;
    const wants = (kind: string): boolean => types.some((type) => type.startsWith(kind));
    return {
      type: 'snapshot',
      at: 0,
      registrations: wants('online') ? [...this.registrations.values()].filter((one) => isMeant(filter, one)) : [],
      backends: wants('backend') ? [...this.backends.values()] : [],
      frontends: wants('frontend') ? [...this.frontends.values()] : [],
      daemons: [],
    };
  }
}

const isMeant = ({ app, version }: EventFilter, one: Registration): boolean =>
  (app === undefined || app === one.app) && (version === undefined || versionMatcher(version)(one.version));

const passes = (filter: EventFilter, change: Change): boolean =>
  (filter.types ?? eventTypes).includes(change.type) &&
  (!('registration' in change) || isMeant(filter, change.registration));
