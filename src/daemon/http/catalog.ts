/** Backends and frontends: named things that are created, changed, removed and resolved. And who did that. */

import { decodeAuthor, authorHeader } from '../../model/author.js';
import type { Target } from '../../model/catalog.js';
import { InvalidError } from '../../model/errors.js';
import { limits } from '../../model/limits.js';
import { check } from '../../model/validate.js';
import type { Terms } from '../core/catalog-desk.js';
import type { Registry } from '../core/registry.js';
import type { Listings } from './listings.js';
import { nameIn, numberIn, switchIn } from './parameters.js';
import type { Answer, ApiRequest, Route } from './route.js';
import { route } from './route.js';

type Write = Pick<ApiRequest, 'body' | 'headers' | 'address' | 'query'>;

/** What the routes need of one kind of thing. Bodies come unchecked. */
interface Collection {
  list: () => unknown[];
  show: (name: string) => unknown;
  create: (request: Write) => { name: string };
  update: (name: string, request: Write) => unknown;
  delete: (name: string, author: string) => void;
  /** What its callers are sent to; undefined while that is nothing. */
  resolve: (name: string) => Target | undefined;
}

/** Edits that are told where nobody says how many. */
const usualLimit = 100;

export function catalogRoutes({ catalog }: Pick<Registry, 'catalog'>, listings: Listings): Route[] {
  const { backends, frontends } = catalog;
  const backendCollection: Collection = {
    list: () => backends.list(),
    show: (name) => backends.show(name),
    create: (request) => backends.create(check('backend', request.body), authorOf(request)),
    update: (name, request) => {
      const change = named(name, check('backendChange', request.body));
      return backends.update(name, change, authorOf(request), termsIn(request.query()));
    },
    delete: (name, author) => backends.delete(name, author),
    resolve: (name) => backends.get(name),
  };
  const frontendCollection: Collection = {
    list: () => frontends.list(),
    show: (name) => frontends.show(name),
    create: (request) => frontends.create(check('frontend', request.body), authorOf(request)),
    update: (name, request) =>
      frontends.update(name, named(name, check('frontendChange', request.body)), authorOf(request)),
    delete: (name, author) => frontends.delete(name, author),
    resolve: (name) => catalog.served(name),
  };
  return [
    ...collectionRoutes('/backends', backendCollection, listings),
    ...collectionRoutes('/frontends', frontendCollection, listings),

    route('POST', '/backends/:name/rollback', {}, (request) => ({
      status: 200,
      body: backends.rollback(request.params.name, authorOf(request), termsIn(request.query())),
    })),

    route('GET', '/history', { reads: true }, ({ query }) => {
      const parameters = query();
      const [backend, frontend] = [nameIn(parameters, 'backend'), nameIn(parameters, 'frontend')];
      return {
        status: 200,
        body: catalog.history({
          ...(backend && { backend }),
          ...(frontend && { frontend }),
          limit: numberIn(parameters, 'limit', 1, limits.history) ?? usualLimit,
        }),
      };
    }),
  ];
}

function collectionRoutes(
  path: '/backends' | '/frontends',
  collection: Collection,
  listings: Listings,
): Route[] {
  const onePath = `${path}/:name` as const;
  const ok = (body: unknown): Answer => ({ status: 200, body });
  return [
    route('GET', path, { reads: true }, () => ok(collection.list())),
    route('POST', path, {}, (request) => {
      const body = collection.create(request);
      return { status: 201, headers: { location: `${path}/${encodeURIComponent(body.name)}` }, body };
    }),
    route('GET', onePath, { reads: true }, ({ params }) => ok(collection.show(params.name))),
    route('PUT', onePath, {}, (request) => ok(collection.update(request.params.name, request))),
    route('DELETE', onePath, {}, (request) => {
      collection.delete(request.params.name, authorOf(request));
      return { status: 204 };
    }),
    route('GET', `${onePath}/registrations`, { reads: true }, ({ params, headers }) => {
      const target = collection.resolve(params.name);
      return target ? listings.answerTarget(target, headers) : ok([]);
    }),
  ];
}

/** Who a request says that it is from; else where it came from. */
function authorOf({ headers, address }: Pick<ApiRequest, 'headers' | 'address'>): string {
  const header = headers[authorHeader];
  // An IPv4 address that came in by an IPv6 socket is written as one.
  return header === undefined ? address.replace(/^::ffff:/, '') || 'unknown' : decodeAuthor(String(header));
}

/** What `?force=true` and `?at-least=N` say. */
function termsIn(parameters: URLSearchParams): Terms {
  const atLeast = numberIn(parameters, 'at-least', 0, Number.MAX_SAFE_INTEGER);
  if (switchIn(parameters, 'force')) return { atLeast: 0 };
  return atLeast === undefined ? {} : { atLeast };
}

/** A name cannot be changed, for it is the address; a body that repeats it is fine. */
function named<T extends { name?: string }>(name: string, change: T): T {
  if (change.name !== undefined && change.name !== name)
    throw new InvalidError(`'name' must be '${name}' as in the path, or left out, not '${change.name}'`);
  return change;
}
