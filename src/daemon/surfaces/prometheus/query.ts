/** Which targets a URL asks for: `/sd/prometheus?app=web&version=^1&meta.zone=eu-1&draining=false`. */

import { InvalidError } from '../../../model/errors.js';
import type { Backend } from '../../../model/catalog.js';
import { metaFilterIn } from '../../../model/meta-filter.js';
import type { Near } from '../../../model/near.js';
import { checkRange, versionInQuery } from '../../../model/version.js';
import type { CatalogService } from '../../core/catalog/catalog-service.js';
import type { Query } from '../../core/registry.js';
import { nameIn, nearIn, nearParameters, switchIn } from '../../http/parameters.js';

export interface TargetQuery {
  /** The part that the registry selects by. */
  where: Query;
  backend?: string;
  frontend?: string;
  /** Only those that drain, or only those that do not. */
  draining?: boolean;
  /** Of what the rest selects; only together with a backend or a frontend. */
  near?: Near;
}

const known = new Set(['app', 'version', 'backend', 'frontend', 'draining', ...nearParameters]);

/**
 * The query in the parameters of a URL. Throws InvalidError for a parameter that is not known or is given twice: to
 * ignore it would have everything scraped.
 */
export function targetQueryIn(parameters: URLSearchParams): TargetQuery {
  for (const name of new Set(parameters.keys())) {
    if (name.startsWith('meta.')) continue;
    if (!known.has(name))
      throw new InvalidError(`'${name}' is unknown: there are ${[...known].join(', ')} and meta.NAME`);
    if (parameters.getAll(name).length > 1) throw new InvalidError(`'${name}' is given more than once`);
  }
  const [app, backend, frontend] = ['app', 'backend', 'frontend'].map((name) => nameIn(parameters, name));
  const version = parameters.get('version');
  const meta = metaFilterIn(parameters);
  const near = nearIn(parameters);
  if (near && (typeof backend === 'string') === (typeof frontend === 'string'))
    throw new InvalidError("'near' needs either 'backend' or 'frontend'");
  return {
    where: {
      ...(typeof app === 'string' && { app }),
      ...(version !== null && { version: checkRange(versionInQuery(version)) }),
      ...(meta && { meta }),
    },
    ...(typeof backend === 'string' && { backend }),
    ...(typeof frontend === 'string' && { frontend }),
    ...(parameters.has('draining') && { draining: switchIn(parameters, 'draining') }),
    ...(near && { near }),
  };
}

/**
 * The backends that a query names, to all of which a target must belong; undefined in the place of one that a frontend
 * lacks. Throws NotFoundError.
 */
export const backendsOf = ({ backend, frontend }: TargetQuery, catalog: CatalogService): (Backend | undefined)[] => [
  ...(backend === undefined ? [] : [catalog.backends.get(backend)]),
  ...(frontend === undefined ? [] : [catalog.served(frontend)]),
];
