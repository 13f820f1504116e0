/** Renewing many registrations by one request. */

import { normalizeHost } from '../../model/host.js';
import type { Renewal, RenewalsAnswer } from '../../model/registration.js';
import type { Registry } from '../core/registry.js';
import { inSlices, type Sliced } from './slices.js';

export async function renewMany(registry: Registry, wanted: readonly Renewal[]): Promise<RenewalsAnswer> {
  const notFound = await registry.renewAll(wanted);
  if (notFound.length === 0) return { renewed: wanted.length, unknown: [] };
  // A registration is known by its canonical spelling: only ids that were not found are looked at for another one.
  const canonical = await inSlices(spelled(notFound));
  const respelled = canonical.filter(({ id }, index) => id !== notFound[index]!.id);
  const stillNotFound = new Set((await registry.renewAll(respelled)).map(keyOf));
  const isFound = (index: number): boolean =>
    canonical[index]!.id !== notFound[index]!.id && !stillNotFound.has(keyOf(canonical[index]!));
  const missing = notFound.filter((_, index) => !isFound(index));
  return { renewed: wanted.length - missing.length, ...(await inSlices(sort(registry, missing))) };
}

/** The same with their ids as daemons spell them. */
function* spelled(renewals: readonly Renewal[]): Sliced<Renewal[]> {
  const all: Renewal[] = [];
  for (const one of renewals) {
    if (all.push({ ...one, id: canonicalOf(one.id) }) % spelledAtOnce === 0) yield;
  }
  return all;
}

/** Ids that are looked at without a pause. */
const spelledAtOnce = 100;

/** Which are unknown, and which were replaced: that takes a look at all versions of an app for each. */
function* sort(registry: Registry, missing: readonly Renewal[]): Sliced<Omit<RenewalsAnswer, 'renewed'>> {
  const unknown: string[] = [];
  const replaced: RenewalsAnswer['replaced'] = [];
  for (const { id, instance } of missing) {
    yield;
    const replacedBy = registry.replacedBy({ id: canonicalOf(id), instance });
    if (instance === undefined || replacedBy === undefined) unknown.push(id);
    else replaced.push({ id, instance, replacedBy });
  }
  return { unknown, ...(replaced.length > 0 && { replaced }) };
}

const keyOf = ({ id, instance }: Renewal): string => `${id} ${instance}`;

/** The id as daemons spell it. */
function canonicalOf(id: string): string {
  const [app, version, host, port, ...rest] = id.split('/');
  if (rest.length > 0 || !host || !port) return id;
  return `${app}/${version}/${normalizeHost(host)}/${port}`;
}
