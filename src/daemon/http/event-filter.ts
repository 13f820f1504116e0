/** Which events a watcher asked for. */

import { InvalidError } from '../../model/errors.js';
import { eventTypes, type Change, type EventType, type Snapshot } from '../../model/events.js';
import { matchesVersion } from '../../model/version.js';

/**
 * `app` and `version` (exact, or a range) filter registrations, and backends by what they point at. Who gives
 * one of them asks about an app: frontends and daemons are then left out, unless `type` names them.
 */
export class EventFilter {
  readonly #types: ReadonlySet<EventType>;
  readonly #app: string | null;
  readonly #version: string | null;

  /** Throws InvalidError for a type that does not exist. Parameters of other names are ignored. */
  constructor(parameters: URLSearchParams) {
    // An empty parameter, as forms send it, is none.
    this.#app = parameters.get('app') || null;
    this.#version = parameters.get('version') || null;
    const asked = parameters
      .getAll('type')
      .flatMap((text) => text.split(','))
      .filter((type) => type !== '');
    const aboutApp = this.#app !== null || this.#version !== null;
    const usual = aboutApp ? eventTypes.filter((type) => !/^(frontend|daemon)-/.test(type)) : eventTypes;
    this.#types = new Set(asked.length > 0 ? asked.map(asEventType) : usual);
  }

  matches(change: Change): boolean {
    return this.#types.has(change.type) && this.#concerns(change);
  }

  /** The part of a snapshot that matching events go on from; what no type asks for is empty. */
  select({ registrations, backends, frontends, daemons, ...rest }: Snapshot): Snapshot {
    return {
      ...rest,
      registrations: this.#wants(/^(online|offline|updated)$/) ? registrations.filter(this.#isOfApp) : [],
      backends: this.#wants(/^backend-/) ? backends.filter(this.#isOfApp) : [],
      frontends: this.#wants(/^frontend-/) ? frontends : [],
      daemons: this.#wants(/^daemon-/) ? daemons : [],
    };
  }

  #concerns(change: Change): boolean {
    if ('registration' in change) return this.#isOfApp(change.registration);
    if ('backend' in change) return this.#isOfApp(change.backend);
    return true;
  }

  readonly #isOfApp = ({ app, version }: { app: string; version: string }): boolean =>
    (this.#app === null || app === this.#app) &&
    (this.#version === null || matchesVersion(this.#version, version));

  readonly #wants = (types: RegExp): boolean => [...this.#types].some((type) => types.test(type));
}

function asEventType(text: string): EventType {
  const type = eventTypes.find((known) => known === text);
  if (type) return type;
  throw new InvalidError(`'type' must be of ${eventTypes.join(', ')}, not '${text}'`);
}
