/** The look-ups. */

import { type Made, whole, arrayOf, fragmentOf } from '../../http/contents.js';
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
import type { ServiceIds } from './service-ids.js';

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
  all?: (elements: Iterable<T>) => Sliced<unknown>;
}

/** Elements that are looked at without a pause. */
const atOnce = 200;

export function reads({ registry, looks, ids, datacenter }: ReadsContext): SurfaceHandlers<ReadKey>['handlers'] {
  const sample = instanceOf(sampleRegistration, datacenter);

  /** Answers with a view of the instances of an app, or of all. */
  const show = <T extends object>(request: ApiRequest, view: View<T>, query: Query = {}): Reply | Promise<Reply> => {
    const selection = selectionIn(request.query(), datacenter);
    const { filter } = selection;
    const isMeant: Predicate = filter === undefined ? () => true : filterOf(filter, view.of(sample)[0]!);
    const { only = () => true } = view;
    const elements = function* (instances: Iterable<Instance>): Iterable<T> {
      for (const instance of instances)
        if (isSelected(instance, selection))
          for (const element of view.of(instance)) if (only(element) && isMeant(element)) yield element;
    };
    return looks.answer(request, {
      key: JSON.stringify([view.name, query, selection]),
      stamp: () => stampOf(registry, query),
      make: () => {
        // All of one moment, though the elements are made in slices.
        const found = elements(everyInstance(registry, query, datacenter));
        return view.all ? asOne(view.all(found)) : arrayOf(fragmentOf(found));
      },
    });
  };

  return {
    'GET /v1/agent/services': (request) => show(request, agentServices),
    'GET /v1/agent/service/:id': async ({ params: { id }, query, address }) => {
      selectionIn(query(), datacenter);
      const found = await ids.service(id, address);
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
    for (const { ServiceName, ServiceTags } of yield* inSteps(elements)) {
      const known = tags.get(ServiceName) ?? new Set();
      for (const tag of ServiceTags) known.add(tag);
      tags.set(ServiceName, known);
    }
    return Object.fromEntries([...tags].map(([name, known]) => [name, [...known].sort()]));
  },
};

const nodes: View<Node> = {
  name: 'nodes',
  of: ({ Node }) => [Node],
  all: function* (elements) {
    const byName = new Map<string, Node>();
    for (const node of yield* inSteps(elements)) byName.set(node.Node, node);
    return [...byName.values()].sort((a, b) => (a.Node < b.Node ? -1 : 1));
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
  all: (elements) => byId(elements, ({ CheckID, ServiceName, Node }) => [CheckID, `${CheckID}@${ServiceName}/${Node}`]),
};

/** As an object. IDs are unique on each host only: what would hide another one has a longer name. */
function* byId<T>(elements: Iterable<T>, namesOf: (element: T) => [string, string]): Sliced<Record<string, T>> {
  const found = new Map<string, T>();
  for (const element of yield* inSteps(elements)) {
    const [name, longName] = namesOf(element);
    found.set(found.has(name) ? longName : name, element);
  }
  return Object.fromEntries(found);
}

/** All elements, in slices. */
function* inSteps<T>(elements: Iterable<T>): Sliced<T[]> {
  const all: T[] = [];
  for (const element of elements) if (all.push(element) % atOnce === 0) yield;
  return all;
}

function* asOne(work: Sliced<unknown>): Sliced<Made> {
  return whole(JSON.stringify(yield* work));
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
