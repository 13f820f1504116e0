/** Routing facts as text, with what they are facts of, and those that hold for the callers of a frontend. */

import type { Backend, Frontend, WeightedTarget, Routing } from './catalog.js';
import { formatTarget } from './catalog.js';
import { type DrainRule, ruleText } from './drain-rule.js';
import { exactly } from './exact-duration.js';

/** What a proxy speaks to the instances. */
export const schemes = ['http', 'https', 'h2c'] as const;

/** The routing facts of a frontend. Facts that it does not have are those of its backend. */
export const routingOf = (frontend: Pick<Frontend, 'routing'>, backend?: Pick<Backend, 'routing'>): Routing => ({
  ...backend?.routing,
  ...frontend.routing,
});

/**
 * In the order and the words of the flags.
 *
 *     host=www.example.com,www.example.org path-prefix=/shop scheme=https
 */
export function formatRouting({ hosts, pathPrefix, scheme, entryPoints, middlewares }: Routing): string {
  const facts = {
    host: hosts?.join(),
    'path-prefix': pathPrefix,
    scheme,
    'entry-point': entryPoints?.join(),
    middleware: middlewares?.join(),
  };
  return Object.entries(facts)
    .filter(([, text]) => text !== undefined)
    .map(([fact, text]) => `${fact}=${text}`)
    .join(' ');
}

/** `text`, and behind it the routing facts, if there are any. */
export const withRouting = (text: string, { routing }: { routing?: Routing | null }): string =>
  routing ? `${text} (${formatRouting(routing)})` : text;

/** A backend in one line, without its name: `web@1.2.0 warmup=30s (host=www.example.com)`. */
export const backendText = (backend: WeightedTarget & { routing?: Routing | null }): string =>
  withRouting(formatTarget(backend) + (backend.warmupMs ? ` warmup=${exactly(backend.warmupMs)}` : ''), backend);

/** A resource of the catalog in one line, without its name. */
export function catalogText(value: Backend | Frontend | DrainRule): string {
  if (value.resource === 'DrainRule') return ruleText(value);
  return value.resource === 'Backend' ? backendText(value) : withRouting(value.backend ?? 'no backend yet', value);
}
