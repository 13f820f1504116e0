/** Registering, renewing, deregistering, looking up. */

import type { IncomingHttpHeaders } from 'node:http';
import { daemonApp } from '../../model/daemon.js';
import type { Query, Registry } from '../core/registry.js';
import { InvalidError, NotFoundError } from '../../model/errors.js';
import { isLoopback } from '../../model/loopback.js';
import { formatId, type Address, listedStates, type RegistrationOptions } from '../../model/registration.js';
import { metaFilterIn } from '../../model/meta-filter.js';
import { isThisMachine } from '../../model/outward-address.js';
import { checkRange } from '../../model/version.js';
import { check } from '../../model/validate.js';
import type { Listings } from './listings.js';
import type { Registrant, RegistrationQuota } from './quotas/registration-quota.js';
import { choiceIn } from './parameters.js';
import { renewMany } from './renewals.js';
import type { Repeats } from './repeats.js';
import { type Answer, route, type Route } from './route.js';

const onePath = '/registrations/:app/:version/:host/:port';

/** Registers within the quotas. Has loopback checked only for clients of this machine. */
export type Register = (
  by: Registrant,
  address: Address,
  options: RegistrationOptions,
) => ReturnType<Registry['register']>;

export const registrar =
  (registry: Pick<Registry, 'register'>, quota: Pick<RegistrationQuota, 'register'>): Register =>
  (by, address, options) => {
    if (options.check && isLoopback(address.host) && !isThisMachine(by.address)) throw foreignCheck(address.host);
    return quota.register(by, formatId(address), options.meta, () => registry.register(address, options));
  };

/** What listens on loopback only is to be reached by its own machine only. */
const foreignCheck = (host: string): InvalidError =>
  new InvalidError(`'check' is refused: '${host}' is this daemon's own machine, and your address is not`);

export function registrationRoutes(
  registry: Registry,
  listings: Listings,
  repeats: Repeats,
  register: Register,
): Route[] {
  /** @param parameters  `meta.NAME=TEXT` narrows the query, `state` says which are listed */
  const list = (query: Query, parameters: URLSearchParams, headers: IncomingHttpHeaders) => {
    if (parameters.size === 0) return listings.answer(query, headers);
    const meta = metaFilterIn(parameters);
    const state = choiceIn(parameters, 'state', listedStates);
    return listings.answer(meta ? { ...query, meta } : query, headers, state);
  };
  return [
    route('GET', '/registrations', { reads: true, hot: true }, ({ headers, query }) => list({}, query(), headers)),

    route('GET', '/registrations/:app', { reads: true, hot: true }, ({ params, headers, query }) =>
      list({ app: params.app }, query(), headers),
    ),

    route('GET', '/registrations/:app/:version', { reads: true, hot: true }, ({ params, headers, query }) =>
      list({ app: params.app, version: checkRange(params.version) }, query(), headers),
    ),

    route('GET', onePath, { reads: true, hot: true }, ({ params }) => {
      const { id } = addressed(params);
      const body = registry.registration(id);
      if (!body) throw unknown(id);
      return { status: 200, body };
    }),

    route('POST', '/registrations', { hot: true }, (request) => {
      const { app, version, host, port, ...options } = check('registration', request.body);
      const { outcome, registration } = register(request, { app, version, host, port }, options);
      if (outcome !== 'registered') return { status: 200, body: registration };
      return { status: 201, headers: { location: locationOf(registration) }, body: registration };
    }),

    // Clients of bender 0.2.1 renew by this again and again: there is nothing to tell them then.
    route('POST', onePath, { hot: true, urgent: 'without-body' }, (request) => {
      const { params, body } = request;
      if (body === undefined && params.app !== daemonApp && registry.renewKnown(asWritten(params))) return done;
      const options = body === undefined ? {} : check('options', body);
      const { outcome, registration } = register(request, addressed(params).address, options);
      return outcome === 'renewed' && body === undefined ? done : { status: 200, body: registration };
    }),

    route('PUT', `${onePath}/lease`, { hot: true, urgent: true }, ({ params, query }) => {
      const instance = instanceIn(query());
      return registry.renewKnown(asWritten(params), instance) ? done : renewElsewhere(params, instance);
    }),

    route('POST', '/renewals', { hot: true, urgent: true }, async ({ body }) => {
      const wanted = check('renewals', body).ids.map((one) => (typeof one === 'string' ? { id: one } : one));
      return { status: 200, body: await renewMany(registry, wanted) };
    }),

    route(
      'PUT',
      `${onePath}/state`,
      { marked: true },
      repeats.once('state', async ({ params, query, body }) => ({
        status: 200,
        body: await registry.setState(addressed(params).id, check('state', body), instanceIn(query())),
      })),
    ),

    route(
      'PUT',
      `${onePath}/health`,
      { marked: true },
      repeats.once('health', async ({ params, query, body }) => {
        const { unhealthy } = check('health', body);
        await registry.setHealth(addressed(params).id, unhealthy, instanceIn(query()));
        return done;
      }),
    ),

    route(
      'DELETE',
      onePath,
      { marked: true },
      repeats.once('deregister', async ({ params, query }) => {
        await registry.deregister(addressed(params).id, instanceIn(query()));
        return done;
      }),
    ),
  ];

  async function renewElsewhere(params: PathAddress, instance: string | undefined): Promise<Answer> {
    const { id } = addressed(params);
    if (!(await registry.renew(id, instance))) throw unknown(id);
    return done;
  }
}

/** The start of the service that a request is about; any, if it names none. */
const instanceIn = (query: URLSearchParams): string | undefined =>
  query.size === 0 ? undefined : (query.get('instance') ?? undefined);

const done: Answer = { status: 204 };

type PathAddress = Record<keyof Address, string>;

/**
 * The id that a path names, unless it names none: what is online has been checked, and is found faster than checked
 * again.
 */
const asWritten = ({ app, version, host, port }: PathAddress): string => `${app}/${version}/${host}/${port}`;

/** The address in a path, checked, with its id. */
function addressed({ app, version, host, port }: PathAddress): {
  address: Address;
  id: string;
} {
  // What is not a number stays as it was written, for the error to name it.
  const address = check('address', { app, version, host, port: /^\d+$/.test(port) ? Number(port) : port });
  return { address, id: formatId(address) };
}

const unknown = (id: string): NotFoundError => new NotFoundError(`there is no registration ${id}`);

const locationOf = ({ app, version, host, port }: Address): string =>
  `/registrations/${[app, version, host, port].map(encodeURIComponent).join('/')}`;
