/** Where in the page the user is: the fragment of the URL, which no server sees. */

import { signal } from '@preact/signals';

export const views = ['now', 'deployments', 'events', 'daemons'] as const;
export type ViewName = (typeof views)[number];

export interface Route {
  view: ViewName | 'instance' | 'version';
  /** The id of an instance, or `app/version`. */
  about: string;
}

export const route = signal<Route>(parse(location.hash));

addEventListener('hashchange', () => {
  route.value = parse(location.hash);
  scrollTo(0, 0);
});

function parse(hash: string): Route {
  const [view = '', about = ''] = hash.replace(/^#\/?/, '').split('/', 2);
  const known = [...views, 'instance', 'version'] as readonly string[];
  return { view: known.includes(view) ? (view as Route['view']) : 'now', about: decoded(about) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

export const linkTo = (view: Route['view'], about?: string): string =>
  about === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(about)}`;
