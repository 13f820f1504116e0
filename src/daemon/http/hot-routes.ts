/**
 * The way around Express for the few routes that carry nearly all requests. It answers plain paths only, without query
 * or percent-encoding; whatever is unusual about one is left to Express, so that there is one opinion on it.
 */

import type { Route } from './route.js';

export interface Match {
  route: Route;
  params: Readonly<Record<string, string>>;
}

export type Matcher = (method: string, url: string) => Match | undefined;

export function matchHotRoutes(routes: readonly Route[]): Matcher {
  const patterns = new Map<string, Pattern[]>();
  for (const route of routes.filter(({ hot }) => hot))
    patterns.set(route.method, [...(patterns.get(route.method) ?? []), compile(route)]);
  return (method, url) => {
    for (const { route, shape, names } of patterns.get(method) ?? []) {
      const values = shape.exec(url);
      if (!values) continue;
      const params: Record<string, string> = {};
      for (let index = 0; index < names.length; index++) params[names[index]!] = values[index + 1]!;
      return { route, params };
    }
    return undefined;
  };
}

interface Pattern {
  route: Route;
  shape: RegExp;
  names: readonly string[];
}

function compile(route: Route): Pattern {
  const names: string[] = [];
  const shape = route.path.replace(/:(\w+)/g, (_, name: string) => {
    names.push(name);
    return '([^/?#%]+)';
  });
  return { route, shape: new RegExp(`^${shape}$`), names };
}
