/**
 * The dynamic configuration that Traefik's HTTP provider polls: https://doc.traefik.io/traefik/providers/http/. Traefik
 * keeps its configuration if the status is not 200, and hashes the bytes to tell whether anything has changed.
 */

import { nearKey } from '../../../model/near.js';
import { madeOf } from '../../http/contents.js';
import { nearIn } from '../../http/parameters.js';
import { keptBy503 } from '../keep.js';
import type { OpenSurface } from '../surface.js';
import { configuration } from './configuration.js';

export const open: OpenSurface<'GET /traefik'> = ({ registry, answers }) => ({
  keep: keptBy503,
  handlers: {
    'GET /traefik': ({ headers, query }) => {
      const near = nearIn(query());
      const stamp = `${registry.stamp({})} ${registry.catalog.stamp}`;
      return answers.once({ key: nearKey(near), stamp, headers }, function* () {
        return yield* madeOf(yield* configuration(registry, near, () => answers.leaveOut()));
      });
    },
  },
});
