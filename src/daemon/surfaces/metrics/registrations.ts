/** How many registrations there are, by app version and for each backend and frontend. */

import { availabilityOf } from '../../../model/availability.js';
import type { Backend } from '../../../model/catalog.js';
import type { Registry } from '../../core/registry.js';
import { inSlices } from '../../http/slices.js';

/** A value of a metric. */
export type Value = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Series that one app version each may have: each is memory in Prometheus for as long as it keeps them. */
const mostSeries = 1000;

/** The app versions with the most registrations, and the sum of the others without labels. */
export function largestGroups(registry: Pick<Registry, 'groups'>): Value[] {
  const groups = [...registry.groups({})].sort((a, b) => b.size - a.size);
  const others = groups.splice(mostSeries).reduce((sum, { size }) => sum + size, 0);
  const values = groups.map(({ app, version, size }): Value => [{ app, version }, size]);
  return others > 0 ? [...values, [{}, others]] : values;
}

type Source = Pick<Registry, 'available' | 'catalog'>;

/** For each backend, or each frontend, how many instances can serve it. Counted in slices: there may be many. */
export async function availabilities(registry: Source, kind: 'backend' | 'frontend'): Promise<readonly Value[]> {
  return inSlices(counted(registry, kind));
}

function* counted(registry: Source, kind: 'backend' | 'frontend'): Generator<void, Value[]> {
  const ofApp = new Map<string, ReadonlyMap<string, number>>();
  const { catalog } = registry;
  const backends = new Map(catalog.backends.list().map((backend) => [backend.name, backend]));
  const named: [string, Backend | undefined][] =
    kind === 'backend'
      ? [...backends]
      : catalog.frontends
          .list()
          .flatMap(({ name, backend }) => (backend === undefined ? [] : [[name, backends.get(backend)]]));
  const values: Value[] = [];
  for (const [name, backend] of named) {
    if (backend && !ofApp.has(backend.app)) {
      ofApp.set(backend.app, registry.available(backend.app));
      yield;
    }
    const online = backend ? availabilityOf(backend, ofApp.get(backend.app)!).online : 0;
    values.push([{ [kind]: name }, online]);
  }
  return values;
}
