/** Routes of backends, frontends and drain rules: created, changed, removed and resolved, and of their history. */

import { decodeAuthor, authorHeader } from '../../model/author.js';
import type { WeightedTarget } from '../../model/catalog.js';
import { InvalidError } from '../../model/errors.js';
import { checkEditId } from '../../model/history.js';
import { limits } from '../../model/limits.js';
import { check } from '../../model/validate.js';
import { idempotencyHeader, readIdempotencyKey } from '../../model/idempotency.js';
import type { RollbackTo, Precondition, Writer } from '../core/catalog/catalog-service.js';
import type { Registry } from '../core/registry.js';
import { arrayOf, type Contents, fragmentOf, type Made } from './contents.js';
import type { Listings } from './listings.js';
import { nameIn, nearIn, numberIn, switchIn } from './parameters.js';
import type { Answer, ApiRequest, Route } from './route.js';
import { route } from './route.js';
import { inSlices, type Sliced } from './slices.js';

/** A write, its body unchecked. */
interface Write {
  body: unknown;
  by: Writer;
  terms: Precondition & RollbackTo;
}

/** What the routes use of one kind of resource. */
interface Collection {
  list: () => Sliced<readonly unknown[]> | readonly unknown[];
  show: (name: string) => unknown;
  create: (write: Write) => { name: string };
  update: (name: string, write: Write) => unknown;
  delete: (name: string, write: Write) => void;
  rollback: (name: string, write: Write) => unknown;
  /** The target of its callers; undefined if there is none. Resources without callers have no such function. */
  resolve?: (name: string) => WeightedTarget | undefined;
  /** Awaited after each write, before it is answered. */
  settle?: () => Promise<void>;
}

/** The default number of edits in an answer. */
const usualLimit = 100;

/** @param admitWrite  throws if there are too many writes */
export function catalogRoutes(
  { catalog }: Pick<Registry, 'catalog'>,
  { listings, contents }: { listings: Listings; contents: Contents },
  admitWrite: (request: ApiRequest) => void,
): Route[] {
  const { backends, frontends, drainRules } = catalog;
  // Looking for a key, for what was there before, or for an author needs the history, which may be long.
  const readHistory = async (): Promise<unknown> => inSlices(catalog.historyInSteps({ limit: 0 }));
  const backendCollection: Collection = {
    list: () => backends.list(),
    show: (name) => backends.show(name),
    create: ({ body, by, terms }) => backends.create(check('backend', body), by, terms),
    update: (name, { body, by, terms }) => backends.update(name, named(name, check('backendChange', body)), by, terms),
    delete: (name, { by, terms }) => backends.delete(name, by, terms),
    rollback: (name, { by, terms }) => backends.rollback(name, by, terms),
    resolve: (name) => backends.get(name),
  };
  const frontendCollection: Collection = {
    list: () => frontends.list(),
    show: (name) => frontends.show(name),
    create: ({ body, by, terms }) => frontends.create(check('frontend', body), by, terms),
    update: (name, { body, by, terms }) =>
      frontends.update(name, named(name, check('frontendChange', body)), by, terms),
    delete: (name, { by, terms }) => frontends.delete(name, by, terms),
    rollback: (name, { by, terms }) => frontends.rollback(name, by, terms),
    resolve: (name) => catalog.served(name),
  };
  const drainRuleCollection: Collection = {
    *list() {
      if (drainRules.list().length > 0) yield* catalog.historyInSteps({ limit: 0 });
      return drainRules.list().map((rule) => catalog.signed(rule));
    },
    show: async (name) => {
      const rule = drainRules.show(name);
      await readHistory();
      return catalog.signed(rule);
    },
    create: ({ body, by, terms }) => drainRules.create(check('drainRule', body), by, terms),
    update: (name, { body, by, terms }) =>
      drainRules.update(name, named(name, check('drainRuleChange', body)), by, terms),
    delete: (name, { by, terms }) => drainRules.delete(name, by, terms),
    rollback: (name, { by, terms }) => drainRules.rollback(name, by, terms),
    // As after a drain of one instance: no daemon sends callers to what it drains once it is answered.
    settle: () => catalog.delivered(),
  };
  const readWrite = async (request: ApiRequest): Promise<Write> => {
    admitWrite(request);
    const key = readIdempotencyKey(request.headers[idempotencyHeader]);
    if (key !== undefined) {
      await readHistory();
      await catalog.lookFor(key);
    }
    const terms = { ...termsIn(request.query()), permit: request.permit };
    return { body: request.body, by: { ...authorOf(request), key }, terms };
  };
  const shared = { listings, contents, stamp: () => catalog.stamp, readHistory, readWrite };
  return [
    ...collectionRoutes('/backends', backendCollection, shared),
    ...collectionRoutes('/frontends', frontendCollection, shared),
    ...collectionRoutes('/drain-rules', drainRuleCollection, shared),

    route('GET', '/history', { reads: true }, ({ query }) => {
      const parameters = query();
      const [backend, frontend] = [nameIn(parameters, 'backend'), nameIn(parameters, 'frontend')];
      const drainRule = nameIn(parameters, 'drain-rule');
      const asked = {
        ...(backend && { backend }),
        ...(frontend && { frontend }),
        ...(drainRule && { drainRule }),
        limit: numberIn(parameters, 'limit', 1, limits.history) ?? usualLimit,
      };
      const key = `history ${JSON.stringify(asked)}`;
      return answerMade(
        contents.find(key, catalog.stamp, function* () {
          return yield* arrayOf(fragmentOf(yield* catalog.historyInSteps(asked)));
        }),
      );
    }),
  ];
}

/** What the routes of all kinds use. */
interface Shared {
  listings: Listings;
  contents: Contents;
  stamp: () => string;
  readHistory: () => Promise<unknown>;
  readWrite: (request: ApiRequest) => Promise<Write>;
}

function collectionRoutes(
  path: '/backends' | '/frontends' | '/drain-rules',
  collection: Collection,
  { listings, contents, stamp, readHistory, readWrite }: Shared,
): Route[] {
  const onePath = `${path}/:name` as const;
  const { resolve, settle } = collection;
  const ok = (body: unknown): Answer => ({ status: 200, body });
  const settled = async <T>(done: T): Promise<T> => {
    await settle?.();
    return done;
  };
  return [
    route('GET', path, { reads: true }, () =>
      answerMade(
        contents.find(path, stamp(), function* () {
          const listed = collection.list();
          return yield* arrayOf(fragmentOf(Array.isArray(listed) ? listed : yield* listed as Sliced<unknown[]>));
        }),
      ),
    ),
    route('POST', path, { marked: true }, async (request) => {
      const body = await settled(collection.create(await readWrite(request)));
      return { status: 201, headers: { location: `${path}/${encodeURIComponent(body.name)}` }, body };
    }),
    route('GET', onePath, { reads: true }, async ({ params }) => ok(await collection.show(params.name))),
    route('PUT', onePath, { marked: true }, async (request) =>
      ok(await settled(collection.update(request.params.name, await readWrite(request)))),
    ),
    route('DELETE', onePath, { marked: true }, async (request) => {
      await settled(collection.delete(request.params.name, await readWrite(request)));
      return { status: 204 };
    }),
    route('POST', `${onePath}/rollback`, { marked: true }, async (request) => {
      await readHistory();
      return ok(await settled(collection.rollback(request.params.name, await readWrite(request))));
    }),
    ...(resolve
      ? [
          route('GET', `${onePath}/registrations`, { reads: true }, ({ params, headers, query }) => {
            const near = nearIn(query());
            const target = resolve(params.name);
            return target ? listings.answerTarget(target, headers, near) : ok([]);
          }),
        ]
      : []),
  ];
}

const bodyOf = ({ body }: Made): Answer => ({ status: 200, body });

const answerMade = (made: Made | Promise<Made>): Answer | Promise<Answer> =>
  made instanceof Promise ? made.then(bodyOf) : bodyOf(made);

/** The author of a request: the owner of its token, else its author header, else its address. */
function authorOf({
  headers,
  address,
  caller,
}: Pick<ApiRequest, 'headers' | 'address' | 'caller'>): Omit<Exclude<Writer, string>, 'key'> {
  const header = headers[authorHeader];
  const claimed = header === undefined ? undefined : decodeAuthor(String(header));
  if (caller) return { author: caller.name, proven: true, claimed };
  // An IPv4 address that came in by an IPv6 socket is written as one.
  return { author: claimed ?? (address.replace(/^::ffff:/, '') || 'unknown') };
}

/** Parses `?force=true`, `?at-least=N`, `?of=EDIT` and `?to=EDIT`. */
function termsIn(parameters: URLSearchParams): Precondition & RollbackTo {
  const given = numberIn(parameters, 'at-least', 0, Number.MAX_SAFE_INTEGER);
  const atLeast = switchIn(parameters, 'force') ? 0 : given;
  const [of, to] = [editIn(parameters, 'of'), editIn(parameters, 'to')];
  if (of && to) throw new InvalidError("give either 'of' or 'to', not both");
  return { ...(atLeast !== undefined && { atLeast }), ...(of && { of }), ...(to && { to }) };
}

/** A parameter that is the id of an edit, or its beginning. */
function editIn(parameters: URLSearchParams, name: string): string | undefined {
  const text = parameters.get(name) ?? undefined;
  if (text !== undefined) checkEditId(name, text);
  return text;
}

/** A name cannot be changed, for it is the address; a body that repeats it is fine. */
function named<T extends { name?: string }>(name: string, change: T): T {
  if (change.name !== undefined && change.name !== name)
    throw new InvalidError(`'name' must be '${name}' as in the path, or left out, not '${change.name}'`);
  return change;
}
