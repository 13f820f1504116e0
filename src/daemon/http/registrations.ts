/** Registering, renewing, deregistering, looking up. */

import type { Registry } from '../core/registry.js';
import { NotFoundError } from '../../model/errors.js';
import { formatId, type Address } from '../../model/registration.js';
import { check } from '../../model/validate.js';
import type { Listings } from './listings.js';
import { route, type Route } from './route.js';

const onePath = '/registrations/:app/:version/:host/:port';

export function registrationRoutes(registry: Registry, listings: Listings): Route[] {
  return [
    route('GET', '/registrations', { reads: true, hot: true }, ({ headers }) => listings.answer({}, headers)),

    route('GET', '/registrations/:app', { reads: true, hot: true }, ({ params, headers }) =>
      listings.answer({ app: params.app }, headers),
    ),

    route('GET', '/registrations/:app/:version', { reads: true, hot: true }, ({ params, headers }) =>
      listings.answer({ app: params.app, version: params.version }, headers),
    ),

    route('GET', onePath, { reads: true }, ({ params }) => {
      const { id, address } = addressed(params);
      const { app, version } = address;
      const body = registry.registrations({ app, version }).find((registration) => registration.id === id);
      if (!body) throw unknown(id);
      return { status: 200, body };
    }),

    route('POST', '/registrations', {}, ({ body }) => {
      const { app, version, host, port, ...options } = check('registration', body);
      const { outcome, registration } = registry.register({ app, version, host, port }, options);
      if (outcome !== 'registered') return { status: 200, body: registration };
      return { status: 201, headers: { location: locationOf(registration) }, body: registration };
    }),

    route('POST', onePath, { hot: true }, ({ params, body }) => {
      const { registration } = registry.register(addressed(params).address, check('options', body ?? {}));
      return { status: 200, body: registration };
    }),

    route('PUT', `${onePath}/lease`, { hot: true }, async ({ params }) => {
      const { id } = addressed(params);
      if (!(await registry.renew(id))) throw unknown(id);
      return { status: 204 };
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
}

/** The address in a path, checked, with its id. */
function addressed({ app, version, host, port }: Record<keyof Address, string>): {
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
