/** Which backends and frontends send requests to the instances of a version. */

import type { Address } from '../../../model/registration.js';
import { targetMatcher } from '../../../model/targets.js';
import type { CatalogService } from '../../core/catalog/catalog-service.js';

/** Names, sorted. */
export interface Callers {
  backends: readonly string[];
  frontends: readonly string[];
}

/**
 * Returns a function that knows the callers of each app version as of now. A version with the weight 0 in a split has
 * none by that backend.
 */
export function callersIn({ backends, frontends }: CatalogService): (of: Address) => Callers {
  const targets = backends.list().map((backend) => {
    const matches = targetMatcher(backend);
    const { split } = backend;
    const gets = (of: Address): boolean => matches(of) && (split === undefined || split[of.version]! > 0);
    return { name: backend.name, gets };
  });
  const served = frontends.list();
  const known = new Map<string, Callers>();
  return (of) => {
    const key = `${of.app}/${of.version}`;
    let callers = known.get(key);
    if (!callers) {
      const names = targets.filter(({ gets }) => gets(of)).map(({ name }) => name);
      const serve = served.filter(({ backend }) => backend !== undefined && names.includes(backend));
      known.set(key, (callers = { backends: names, frontends: serve.map(({ name }) => name) }));
    }
    return callers;
  };
}
