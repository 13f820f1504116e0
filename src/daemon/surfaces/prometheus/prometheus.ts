/**
 * Targets for Prometheus, as its HTTP service discovery takes them:
 * https://prometheus.io/docs/prometheus/latest/http_sd/. Prometheus keeps its targets if the status is not 200.
 */

import { matchesMeta, metaFilterIn } from '../../../model/meta-filter.js';
import { hostPort, type Registration } from '../../../model/registration.js';
import { checkRange } from '../../../model/version.js';
import type { Query } from '../../core/registry.js';
import { arrayOf, fragmentOf } from '../../http/contents.js';
import { nameIn } from '../../http/parameters.js';
import { everyRegistration } from '../every-registration.js';
import { keptBy503 } from '../keep.js';
import type { OpenSurface } from '../surface.js';

interface TargetGroup {
  targets: [string];
  labels: Record<string, string>;
}

export const open: OpenSurface<'GET /sd/prometheus'> = ({ registry, answers }) => ({
  keep: keptBy503,
  handlers: {
    'GET /sd/prometheus': ({ query, headers }) => {
      const wanted = queryIn(query());
      return answers.once({ key: JSON.stringify(wanted), stamp: registry.stamp(wanted), headers }, () =>
        arrayOf(fragmentOf(groupsOf(everyRegistration(registry, wanted), wanted))),
      );
    },
  },
});

function* groupsOf(registrations: Iterable<Registration>, { meta }: Query): Iterable<TargetGroup> {
  for (const registration of registrations)
    if (!meta || matchesMeta(registration.meta, meta))
      yield { targets: [hostPort(registration)], labels: labelsOf(registration) };
}

const labelsOf = ({ id, app, version, host, port, draining }: Registration): TargetGroup['labels'] => ({
  __meta_bender_id: id,
  __meta_bender_app: app,
  __meta_bender_version: version,
  __meta_bender_host: host,
  __meta_bender_port: String(port),
  __meta_bender_draining: String(draining),
});

/** `?app=web&version=^1&meta.zone=eu-1`. */
function queryIn(parameters: URLSearchParams): Query {
  const [app, version] = [nameIn(parameters, 'app'), parameters.get('version')];
  const meta = metaFilterIn(parameters);
  return {
    ...(app !== null && { app }),
    ...(version !== null && { version: checkRange(version) }),
    ...(meta && { meta }),
  };
}
