/** The route that says why an instance is, or is not, among those that the callers of a frontend are sent to. */

import { InvalidError } from '../../model/errors.js';
import { explain, type ExplainAnswer } from '../../model/explain.js';
import { formatId, parseId } from '../../model/registration.js';
import type { Registry } from '../core/registry.js';
import { nameIn } from './parameters.js';
import { route, type Route } from './route.js';
import { inSlices } from './slices.js';

type Source = Pick<Registry, 'catalog' | 'known' | 'registration' | 'available' | 'fresh' | 'caveats'>;

export function explainRoutes(registry: Source): Route[] {
  return [
    route('GET', '/explain', { reads: true }, async ({ query }) => {
      const parameters = query();
      const [registration, name] = [nameIn(parameters, 'registration'), nameIn(parameters, 'frontend')];
      if (!registration || !name) throw new InvalidError("give 'registration' (an id) and 'frontend' (a name)");
      // The author of a drain rule is in the history, which may be long.
      const { catalog } = registry;
      if (catalog.drainRules.list().length > 0) await inSlices(catalog.historyInSteps({ limit: 0 }));
      return { status: 200, body: answerAbout(registry, registration, name) };
    }),
  ];
}

function answerAbout(registry: Source, asked: string, name: string): ExplainAnswer {
  const address = parseId(asked);
  const id = formatId(address);
  const frontend = registry.catalog.frontends.get(name);
  const backend = registry.catalog.served(name);
  const known = registry.known(id);
  const state = known === undefined ? 'offline' : registry.registration(id) ? 'online' : 'unhealthy';
  const rule = registry.catalog.rulingOn(address);
  const available = backend ? registry.available(backend.app) : new Map<string, number>();
  return {
    registration: id,
    frontend: name,
    ...(frontend.backend !== undefined && { backend: frontend.backend }),
    ...explain(
      { id, ...address, ...known, state, rule },
      frontend,
      backend,
      available,
      backend && registry.fresh(backend),
    ),
    ...registry.caveats,
  };
}
