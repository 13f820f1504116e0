/** The look-ups. */

import { arrayOf, fragmentOf, type Made, objectOf, whole } from '../../http/contents.js';
import type { ApiRequest, Reply } from '../../http/route.js';
import type { Sliced } from '../../http/slices.js';
import type { Query, Registry } from '../../core/registry.js';
import type { SurfaceHandlers } from '../surface.js';
import { filterOf, type Predicate } from './filter.js';
import { catalogEntryOf, instanceOf, type Instance, isPassing, type Node, type Status } from './instance.js';
import { everyInstance, stampOf } from './instances.js';
import type { Looks } from './looks.js';
import { type Selection, selectionIn } from './questions.js';
import { ConsulError } from './refusal.js';
import type { ReadKey } from './routes.js';
import { askerOf, type ServiceIds } from './service-ids.js';
import { sorted } from './sorted.js';

interface ReadsContext {
  registry: Registry;
  looks: Looks;
  ids: ServiceIds;
  datacenter: string;
}

/** How the instances of a look-up become its answer. */
interface View<T extends object> {
  name: string;
  /** The elements that one instance contributes, in order. Filters see these. */
  of: (instance: Instance) => readonly T[];
  /** Which of them are meant; default: all. */
  only?: (element: T) => boolean;
  /** What the elements become; default: a list of them. */
  all?: (elements: Looked<T>) => Sliced<Made>;
}

/** Elements as they are looked at; undefined for what is not meant, so that pauses count it as well. */
type Looked<T> = Iterable<T | undefined>;

/** Elements that are looked at without a pause. */
const atOnce = 200;

export function reads({ registry, looks, ids, datacenter }: ReadsContext): SurfaceHandlers<ReadKey>['handlers'] {
  const sample = instanceOf(sampleRegistration, datacenter);

  /** Answers with a view of the instances of an app, or of all. */
  const show = <T extends object>(request: ApiRequest, view: View<T>, query: Query = {}): Reply | Promise<Reply> => {
    const selection = selectionIn(request.query(), datacenter);
    const filters = selection.filters.map((filter) => filterOf(filter, view.of(sample)[0]!));
    const isMeant: Predicate = (element) => filters.every((holds) => holds(element));
    const { only = () => true, all = asList } = view;
    const elements = function* (instances: Iterable<Instance>): Looked<T> {
      for (const instance of instances)
        if (isSelected(instance, selection))
          for (const element of view.of(instance)) yield only(element) && isMeant(element) ? element : undefined;
        else yield undefined;
    };
    return looks.answer(request, {
      key: JSON.stringify([view.name, query, selection]),
      stamp: () => stampOf(registry, query),
      // All of one moment, though the elements are made in slices.
      make: () => all(elements(everyInstance(registry, query, datacenter))),
    });
  };

  return {
    'GET /v1/agent/services': (request) => show(request, agentServices),
    'GET /v1/agent/service/:id': async (request) => {
      const { id } = request.params;
      selectionIn(request.query(), datacenter);
      const asker = askerOf(request);
      const mine = await ids.service(id, asker);
      const isMine = mine === undefined || asker.mayChange(mine.app);
      const found = isMine ? mine : await ids.service(id, { ...asker, mayChange: () => true });
      if (!found) throw new ConsulError(404, `unknown service ID: ${id}`);
      return { status: 200, body: instanceOf(found, datacenter).Service };
    },
    'GET /v1/agent/checks': (request) => show(request, agentChecks),
    'GET /v1/catalog/nodes': (request) => show(request, nodes),
    'GET /v1/catalog/services': (request) => show(request, serviceNames),
    'GET /v1/catalog/service/:service': (request) => show(request, catalogEntries, { app: request.params.service }),
    'GET /v1/health/service/:service': (request) => show(request, instancesOfService, { app: request.params.service }),
    'GET /v1/health/checks/:service': (request) => show(request, checks, { app: request.params.service }),
    'GET /v1/health/node/:node': (request) => show(request, checksOfNode(request.params.node)),
    'GET /v1/health/state/:state': (request) => show(request, checksInState(request.params.state)),
    // There are no keys. Clients that keep their settings there wait for one.
    'GET /v1/kv/*key': (request) =>
      looks.answer(request, {
        key: 'kv',
        stamp: () => '',
        make: function* () {
          return whole('');
        },
        as: { status: 404 },
      }),
  };
}

function isSelected(instance: Instance, { tags, passing, nodeMeta }: Selection): boolean {
  if (passing && !isPassing(instance)) return false;
  if (nodeMeta.length > 0) return false;
  return tags.length === 0 || tags.every((tag) => instance.Service.Tags.some((one) => one.toLowerCase() === tag));
}

const instancesOfService: View<Instance> = { name: 'instances', of: (instance) => [instance] };

const catalogEntries: View<ReturnType<typeof catalogEntryOf>> = {
  name: 'catalog',
  of: (instance) => [catalogEntryOf(instance)],
};

const checks: View<Instance['Checks'][number]> = { name: 'checks', of: ({ Checks }) => Checks };

const checksOfNode = (node: string): typeof checks => ({
  ...checks,
  name: `node ${node}`,
  only: ({ Node }) => Node === node,
});

function checksInState(state: string): typeof checks {
  if (state === 'any') return checks;
  if (!states.has(state)) throw new ConsulError(400, `Invalid state: it is any, ${[...states].join(', ')}`);
  return { ...checks, name: `state ${state}`, only: ({ Status }) => Status === state };
}

const states: ReadonlySet<string> = new Set<Status>(['passing', 'warning', 'critical']);

const serviceNames: View<ReturnType<typeof catalogEntryOf>> = {
  ...catalogEntries,
  name: 'services',
  all: function* (elements) {
    const tags = new Map<string, Set<string>>();
    yield* each(elements, ({ ServiceName, ServiceTags }) => {
      const known = tags.get(ServiceName) ?? new Set();
      for (const tag of ServiceTags) known.add(tag);
      tags.set(ServiceName, known);
    });
    const services: string[] = [];
    for (const [name, known] of tags) services.push(property(name, yield* sorted([...known])));
    return yield* objectOf(fragmentOf(services, undefined, (text) => text));
  },
};

const nodes: View<Node> = {
  name: 'nodes',
  of: ({ Node }) => [Node],
  all: function* (elements) {
    const byName = new Map<string, Node>();
    yield* each(elements, (node) => byName.set(node.Node, node));
    const names = yield* sorted([...byName.keys()]);
    return yield* arrayOf(fragmentOf(names, undefined, (name) => JSON.stringify(byName.get(name))));
  },
};

const agentServices: View<Instance['Service']> = {
  name: 'agent services',
  of: ({ Service }) => [Service],
  all: (elements) => byId(elements, ({ ID, Service, Address, Port }) => [ID, `${ID}@${Service}/${Address}/${Port}`]),
};

const agentChecks: View<Instance['Checks'][number]> = {
  name: 'agent checks',
  of: ({ Checks }) => Checks,
  all: (elements) => byId(elements, ({ CheckID, ServiceID, Node }) => [CheckID, `${CheckID}@${ServiceID}/${Node}`]),
};

/** As an object. IDs are unique on each host only: what would hide another one has a longer name. */
function byId<T extends object>(elements: Looked<T>, namesOf: (element: T) => [string, string]): Sliced<Made> {
  const taken = new Set<string>();
  const named = function* (): Looked<{ name: string; element: T }> {
    for (const element of elements) {
      const name = element && namesOf(element).find((one) => !taken.has(one));
      if (name !== undefined) taken.add(name);
      yield element && name !== undefined ? { name, element } : undefined;
    }
  };
  return objectOf(fragmentOf(named(), isThere, (one) => property(one!.name, one!.element)));
}

const asList = <T extends object>(elements: Looked<T>): Sliced<Made> => arrayOf(fragmentOf(elements, isThere));

const isThere = (element: unknown): boolean => element !== undefined;

const property = (name: string, value: unknown): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/** Takes all elements, in slices. */
function* each<T>(elements: Looked<T>, take: (element: T) => void): Sliced<void> {
  let looked = 0;
  for (const element of elements) {
    if (element !== undefined) take(element);
    if (++looked % atOnce === 0) yield;
  }
}

/** What the selectors of filters are checked by. */
const sampleRegistration: Parameters<typeof instanceOf>[0] = {
  resource: 'Registration',
  id: 'sample/1/h/1' as Parameters<typeof instanceOf>[0]['id'],
  app: 'sample',
  version: '1',
  host: 'h',
  port: 1,
  ttl: 1000,
  meta: {},
  draining: false,
  registered: 0,
};
