/**
 * Targets for Prometheus, as its HTTP service discovery takes them:
 * https://prometheus.io/docs/prometheus/latest/http_sd/. Prometheus keeps its targets if the status is not 200.
 */

import { matchesMeta } from '../../../model/meta-filter.js';
import { NearCount } from '../../../model/near.js';
import { hostPort, type Registration } from '../../../model/registration.js';
import { targetMatcher } from '../../../model/targets.js';
import type { CatalogService } from '../../core/catalog/catalog-service.js';
import { arrayOf, type Fragment, fragmentOf } from '../../http/contents.js';
import type { Sliced } from '../../http/slices.js';
import { everyRegistration } from '../every-registration.js';
import { keptBy503 } from '../keep.js';
import type { OpenSurface, SurfaceContext } from '../surface.js';
import { callersIn } from './callers.js';
import { type Labels, labelsOf } from './labels.js';
import { backendsOf, type TargetQuery, targetQueryIn } from './query.js';

/** One for each target: the targets of a group share their labels. */
interface TargetGroup {
  targets: [string];
  labels: Labels;
}

export const open: OpenSurface<'GET /sd/prometheus'> = ({ registry, answers }) => ({
  keep: keptBy503,
  handlers: {
    'GET /sd/prometheus': ({ query, headers }) => {
      const wanted = targetQueryIn(query());
      const isWanted = filterOf(wanted, registry);
      const stamp = `${registry.stamp(wanted.where)} ${registry.catalog.stamp}`;
      const contentType = 'application/json';
      return answers.once({ key: JSON.stringify(wanted), stamp, contentType, headers }, () =>
        arrayOf(targetsOf(everyRegistration(registry, wanted.where), isWanted, registry, wanted)),
      );
    },
  },
});

/** Registrations that are looked at without a pause. */
const atOnce = 200;

function* targetsOf(
  all: Iterable<Registration>,
  isWanted: (one: Registration) => boolean,
  { catalog }: SurfaceContext['registry'],
  wanted: TargetQuery,
): Sliced<Fragment> {
  const { near } = wanted;
  const write = groupWriter(catalog);
  const [backend] = near ? backendsOf(wanted, catalog) : [];
  if (!near || !backend) return yield* fragmentOf(all, isWanted, write);
  const count = new NearCount(backend, near);
  const chosen: Registration[] = [];
  let looked = 0;
  for (const one of all) {
    if (++looked % atOnce === 0) yield;
    if (!isWanted(one)) continue;
    count.count(one);
    chosen.push(one);
  }
  return yield* fragmentOf(chosen, (one) => !count.isSpare(one), write);
}

/** What the registry does not select by. Throws NotFoundError for a backend or frontend that does not exist. */
function filterOf(wanted: TargetQuery, { catalog }: SurfaceContext['registry']): (one: Registration) => boolean {
  const { where, draining } = wanted;
  const targets = backendsOf(wanted, catalog).map((backend) => (backend ? targetMatcher(backend) : () => false));
  return (one) =>
    (!where.meta || matchesMeta(one.meta, where.meta)) &&
    (draining === undefined || one.draining === draining) &&
    targets.every((matches) => matches(one));
}

/** Writes the group of one target. */
function groupWriter(catalog: CatalogService): (one: Registration) => string {
  const callersOf = callersIn(catalog);
  return (one) =>
    JSON.stringify({ targets: [hostPort(one)], labels: labelsOf(one, callersOf(one)) } satisfies TargetGroup);
}
