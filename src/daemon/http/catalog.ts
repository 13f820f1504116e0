/** Backends and frontends. Both are named things that are created, changed, removed and resolved. */

import type { Target } from '../../model/catalog.js';
import { InvalidError } from '../../model/errors.js';
import { check } from '../../model/validate.js';
import type { Registry } from '../core/registry.js';
import type { Listings } from './listings.js';
import { route, type Answer, type Route } from './route.js';

/** What the routes need of one kind of thing. Bodies come unchecked. */
interface Collection {
  list: () => unknown[];
  get: (name: string) => unknown;
  create: (body: unknown) => { name: string };
  update: (name: string, body: unknown) => unknown;
  delete: (name: string) => void;
  /** What its callers are sent to; undefined while that is nothing. */
  resolve: (name: string) => Target | undefined;
}

export function catalogRoutes(registry: Registry, listings: Listings): Route[] {
  const backends: Collection = {
    list: () => registry.backends(),
    get: (name) => registry.backend(name),
    create: (body) => registry.createBackend(check('backend', body)),
    update: (name, body) => registry.updateBackend(name, named(name, check('backendChange', body))),
    delete: (name) => registry.deleteBackend(name),
    resolve: (name) => registry.backend(name),
  };
  const frontends: Collection = {
    list: () => registry.frontends(),
    get: (name) => registry.frontend(name),
    create: (body) => registry.createFrontend(check('frontend', body)),
    update: (name, body) => registry.updateFrontend(name, named(name, check('frontendChange', body))),
    delete: (name) => registry.deleteFrontend(name),
    resolve: (name) => registry.served(name),
  };
  return [
    ...collectionRoutes('/backends', backends, listings),
    ...collectionRoutes('/frontends', frontends, listings),
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
    route('POST', path, {}, ({ body: fields }) => {
      const body = collection.create(fields);
      return { status: 201, headers: { location: `${path}/${encodeURIComponent(body.name)}` }, body };
    }),
    route('GET', onePath, { reads: true }, ({ params }) => ok(collection.get(params.name))),
    route('PUT', onePath, {}, ({ params, body }) => ok(collection.update(params.name, body))),
    route('DELETE', onePath, {}, ({ params }) => {
      collection.delete(params.name);
      return { status: 204 };
    }),
    route('GET', `${onePath}/registrations`, { reads: true }, ({ params, headers }) => {
      const target = collection.resolve(params.name);
      return target ? listings.answerTarget(target, headers) : ok([]);
    }),
  ];
}

/** A name cannot be changed, for it is the address; a body that repeats it is fine. */
function named<T extends { name?: string }>(name: string, change: T): T {
  if (change.name !== undefined && change.name !== name)
    throw new InvalidError(`'name' must be '${name}' as in the path, or left out, not '${change.name}'`);
  return change;
}
