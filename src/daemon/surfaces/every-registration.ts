import type { Registration } from '../../model/registration.js';
import type { Query, Registry } from '../core/registry.js';

/** The registrations that `query` selects as of now, sorted by id, each made when it is asked for. */
export function everyRegistration(
  registry: Pick<Registry, 'groups' | 'registrationsIn'>,
  query: Query,
): Iterable<Registration> {
  // All are noted at once: an answer that is made in slices is to be of one moment.
  return inTurn(registry.groups(query).map((group) => registry.registrationsIn(group)));
}

/** The elements of all parts, one part after the other. */
export function* inTurn<T>(parts: readonly Iterable<T>[]): Iterable<T> {
  for (const part of parts) yield* part;
}
