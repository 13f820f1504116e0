/**
 * The way around Express for the few routes that carry nearly all requests. It answers plain cases only;
 * whatever is unusual about a path is left to Express, so that there is one opinion on it.
 */

import type { Route } from './route.js';

export interface Match {
  route: Route;
  params: Readonly<Record<string, string>>;
}

export type Matcher = (method: string, url: string) => Match | undefined;

export function matchHotRoutes(routes: readonly Route[]): Matcher {
  const candidates = new Map<string, Candidate[]>();
  for (const route of routes.filter(({ hot }) => hot)) {
    const segments = route.path.split('/');
    const shape = shapeOf(route.method, segments);
    candidates.set(shape, [...(candidates.get(shape) ?? []), { route, segments }]);
  }
  return (method, url) => {
    if (url.includes('#')) return undefined;
    const mark = url.indexOf('?');
    const parts = (mark === -1 ? url : url.slice(0, mark)).split('/');
    for (const { route, segments } of candidates.get(shapeOf(method, parts)) ?? []) {
      const params = matchSegments(segments, parts);
      if (params) return { route, params };
    }
    return undefined;
  };
}

interface Candidate {
  route: Route;
  segments: readonly string[];
}

const shapeOf = (method: string, parts: readonly string[]): string => `${method} ${parts.length}`;

function matchSegments(
  segments: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index]!;
    if (!segment.startsWith(':')) {
      if (segment !== part) return undefined;
      continue;
    }
    const value = decode(part);
    if (!value) return undefined;
    params[segment.slice(1)] = value;
  }
  return params;
}

function decode(part: string): string | undefined {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
