/** Registering, renewing, deregistering, looking up. */

import type { Query, Registry } from '../core/registry.js';
import { NotFoundError } from '../../model/errors.js';
import { formatId, type Address } from '../../model/registration.js';
import { metaFilterIn } from '../../model/meta-filter.js';
import { check } from '../../model/validate.js';
import type { Listings } from './listings.js';
import { type Answer, route, type Route } from './route.js';

const onePath = '/registrations/:app/:version/:host/:port';

export function registrationRoutes(registry: Registry, listings: Listings): Route[] {
  return [
    route('GET', '/registrations', { reads: true, hot: true }, ({ headers, query }) =>
      listings.answer(withMeta({}, query()), headers),
    ),

    route('GET', '/registrations/:app', { reads: true, hot: true }, ({ params, headers, query }) =>
      listings.answer(withMeta({ app: params.app }, query()), headers),
    ),

    route('GET', '/registrations/:app/:version', { reads: true, hot: true }, ({ params, headers, query }) =>
      listings.answer(withMeta({ app: params.app, version: params.version }, query()), headers),
    ),

    route('GET', onePath, { reads: true }, ({ params }) => {
      const { id, address } = addressed(params);
      const { app, version } = address;
      const body = registry.registrations({ app, version }).find((registration) => registration.id === id);
      if (!body) throw unknown(id);
      return { status: 200, body };
    }),

    route('POST', '/registrations', { hot: true }, ({ body }) => {
      const { app, version, host, port, ...options } = check('registration', body);
      const { outcome, registration } = registry.register({ app, version, host, port }, options);
      if (outcome !== 'registered') return { status: 200, body: registration };
      return { status: 201, headers: { location: locationOf(registration) }, body: registration };
    }),

    // Clients of bender 0.2.1 renew by this again and again: there is nothing to tell them then.
    route('POST', onePath, { hot: true }, ({ params, body }) => {
      const options = body === undefined ? {} : check('options', body);
      const { outcome, registration } = registry.register(addressOf(params), options);
      return outcome === 'renewed' && body === undefined
        ? { status: 204 }
        : { status: 200, body: registration };
    }),

    route('PUT', `${onePath}/lease`, { hot: true }, ({ params }) => {
      const id = formatId(addressOf(params));
      const answer = (renewed: boolean): Answer => {
        if (!renewed) throw unknown(id);
        return { status: 204 };
      };
      const renewed = registry.renew(id);
      return typeof renewed === 'boolean' ? answer(renewed) : renewed.then(answer);
    }),

    route('POST', '/renewals', { hot: true }, async ({ body }) => ({
      status: 200,
      body: await registry.renewAll(check('renewals', body).ids),
    })),

    route('PUT', `${onePath}/state`, {}, async ({ params, body }) => ({
      status: 200,
      body: await registry.setState(addressed(params).id, check('state', body)),
    })),

    route('DELETE', onePath, {}, async ({ params }) => {
      await registry.deregister(addressed(params).id);
      return { status: 204 };
    }),
  ];

  /** The address in a path. One that is online has been checked before: that is looked up faster than it is checked. */
  function addressOf(params: PathAddress): Address {
    const asWritten = { ...params, port: Number(params.port) };
    return registry.isOnline(`${params.app}/${params.version}/${params.host}/${params.port}`)
      ? asWritten
      : addressed(params).address;
  }
}

type PathAddress = Record<keyof Address, string>;

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

/** The query, narrowed by `?meta.NAME=TEXT`. */
function withMeta(query: Query, parameters: URLSearchParams): Query {
  const meta = parameters.size === 0 ? undefined : metaFilterIn(parameters);
  return meta ? { ...query, meta } : query;
}
