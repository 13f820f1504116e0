/** The events that a watcher gets. */

import { type Backend, versionsOf } from '../../model/catalog.js';
import type { DrainRule } from '../../model/drain-rule.js';
import { InvalidError } from '../../model/errors.js';
import { eventTypes, type Change, type EventType, type RegistrationEvent, type Snapshot } from '../../model/events.js';
import { matchesMeta, type MetaFilter, metaFilterIn } from '../../model/meta-filter.js';
import type { Registration } from '../../model/registration.js';
import { checkRange, isRange, versionInQuery, versionMatcher, type VersionMatcher } from '../../model/version.js';
import { nameIn, switchIn } from './parameters.js';

/**
 * `app` and `version` (exact, or a range) filter registrations, and backends by what they point at. A watcher that
 * gives one of them asks about an app: frontends and daemons are then left out, unless `type` names them.
 *
 * Events of drain rules are for watchers that name them by `type`, or say `drain-rules`: earlier ones do not know them.
 *
 * `meta.NAME` filters registrations by their metadata. A watcher that gives one asks about registrations alone. If an
 * update makes a registration match, it comes online for this watcher. If an update ends the match, it goes offline
 * (`unmatched`). So the watcher's picture is right, and holds nothing that does not match.
 */
export class EventFilter {
  readonly #types: ReadonlySet<EventType>;
  readonly #app: string | null;
  readonly #matchesVersion: VersionMatcher | undefined;
  readonly #meta: MetaFilter | undefined;
  /** The same for filters that let the same through. */
  readonly key: string;

  /** Throws InvalidError for a type that does not exist. Parameters of other names are ignored. */
  constructor(parameters: URLSearchParams) {
    // An empty parameter, as forms send it, is none.
    this.#app = nameIn(parameters, 'app') || null;
    const version = parameters.get('version') || null;
    this.#matchesVersion = version === null ? undefined : versionMatcher(versionInQuery(checkRange(version)));
    this.#meta = metaFilterIn(parameters);
    const asked = parameters
      .getAll('type')
      .flatMap((text) => text.split(','))
      .filter((type) => type !== '');
    const aboutApp = this.#app !== null || version !== null;
    const besides = this.#meta ? /-/ : aboutApp ? /^(frontend|daemon)-/ : /^$/;
    const knowsRules = switchIn(parameters, 'drain-rules');
    const usual = eventTypes.filter((type) => !besides.test(type) && (knowsRules || !aboutRules.test(type)));
    this.#types = new Set(asked.length > 0 ? asked.map(asEventType) : usual);
    this.key = JSON.stringify([this.#app, version, this.#meta, [...this.#types].sort()]);
  }

  /** The change as the watcher sees it; undefined if it is none for this watcher. */
  pass(change: Change): Change | undefined {
    if (!this.#concerns(change)) return undefined;
    const seen = this.#meta && 'registration' in change ? byMeta(change, this.#meta) : change;
    return seen && this.#types.has(seen.type) ? seen : undefined;
  }

  /** Whether a snapshot has registrations. */
  get wantsRegistrations(): boolean {
    return this.#wants(/^(online|offline|updated)$/);
  }

  /** The app that it asks for, if it does. */
  get app(): string | undefined {
    return this.#app ?? undefined;
  }

  /** Whether a registration is part of a snapshot. Undefined if each is. */
  get selects(): ((registration: Registration) => boolean) | undefined {
    return this.#matchesVersion || this.#meta ? this.#isMeant : undefined;
  }

  /** The part of a snapshot from which matching events continue; other parts are empty. */
  select({ registrations, backends, frontends, drainRules = [], daemons, ...rest }: Snapshot): Snapshot {
    return {
      ...rest,
      registrations: this.wantsRegistrations ? registrations.filter(this.#isMeant) : [],
      backends: this.#wants(/^backend-/) ? backends.filter(this.#isPointedAt) : [],
      frontends: this.#wants(/^frontend-/) ? frontends : [],
      ...(this.#wants(aboutRules) && { drainRules: drainRules.filter(this.#mayDrain) }),
      daemons: this.#wants(/^daemon-/) ? daemons : [],
    };
  }

  #concerns(change: Change): boolean {
    if ('registration' in change) return this.#isOfApp(change.registration);
    if ('backend' in change) return this.#isPointedAt(change.backend);
    if ('drainRule' in change) return this.#mayDrain(change.drainRule);
    return true;
  }

  readonly #isOfApp = ({ app, version }: { app: string; version: string }): boolean =>
    (this.#app === null || app === this.#app) && (this.#matchesVersion?.(version) ?? true);

  readonly #isPointedAt = (backend: Backend): boolean =>
    versionsOf(backend).some((version) => this.#isOfApp({ app: backend.app, version }));

  /** Whether a rule may drain what is asked for: its version may be a range, and then is taken for one that does. */
  readonly #mayDrain = ({ app, version }: DrainRule): boolean =>
    version === undefined || isRange(version)
      ? this.#app === null || app === this.#app
      : this.#isOfApp({ app, version });

  readonly #isMeant = (registration: Registration): boolean =>
    this.#isOfApp(registration) && (!this.#meta || matchesMeta(registration.meta, this.#meta));

  readonly #wants = (types: RegExp): boolean => [...this.#types].some((type) => types.test(type));
}

const aboutRules = /^drain-rule-/;

/** The change of a picture that has only matching registrations. */
function byMeta(change: RegistrationEvent, filter: MetaFilter): RegistrationEvent | undefined {
  const { registration } = change;
  const matches = matchesMeta(registration.meta, filter);
  if (change.type !== 'updated') return matches ? change : undefined;
  const { previous, reason: _, ...rest } = change;
  const matched = matchesMeta(previous.meta ?? registration.meta, filter);
  if (matches) return matched ? change : { ...rest, type: 'online' };
  return matched ? { ...rest, type: 'offline', reason: 'unmatched' } : undefined;
}

function asEventType(text: string): EventType {
  const type = eventTypes.find((known) => known === text);
  if (type) return type;
  throw new InvalidError(`'type' must be of ${eventTypes.join(', ')}, not '${text}'`);
}
