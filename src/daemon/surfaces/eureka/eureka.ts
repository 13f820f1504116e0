/**
 * Eureka's REST interface, as the clients of Netflix, Spring Cloud, Prometheus, APISIX and Node.js use it. A client
 * that does not ask for JSON gets XML.
 */

import { InvalidError, NotFoundError, NotReadyError } from '../../../model/errors.js';
import { printable } from '../../../model/printable.js';
import type { RegistrationState } from '../../../model/registration.js';
import type { Made } from '../../http/contents.js';
import type { Answer, ApiRequest, Reply } from '../../http/route.js';
import type { Sliced } from '../../http/slices.js';
import { keptBy503 } from '../keep.js';
import type { OpenSurface, SurfaceHandlers } from '../surface.js';
import { instanceIn } from './body.js';
import { Directory, type Found } from './directory.js';
import { type Format, formatFor } from './format.js';
import { type Instance, instanceOf, upperCase } from './instance.js';
import { applicationOf, applicationsOf } from './listing.js';
import { appNamed, registrationOf } from './registering.js';
import { type EurekaRoute, forRoutes } from './routes.js';

type Request = ApiRequest<'app' | 'id' | 'vip'>;
type Handle = (request: Request) => Reply | Promise<Reply>;

const done: Answer = { status: 200 };

export const open: OpenSurface<EurekaRoute> = ({ registry, answers, register }) => {
  const directory = new Directory(registry);

  const answer = (
    { headers, params }: Request,
    about: string,
    make: (format: Format) => Sliced<Made>,
  ): Answer | Promise<Answer> => {
    const format = formatFor(headers.accept);
    const { contentType } = format;
    const key = JSON.stringify([about, contentType, params]);
    return answers.once({ key, stamp: registry.stamp({}), contentType, headers }, () => make(format));
  };
  const list = (request: Request, about: string, isWanted: (instance: Instance) => boolean) =>
    answer(request, about, (format) => applicationsOf(directory, { names: directory.names(), isWanted }, format));

  const missing = (what: string): Error =>
    registry.synced
      ? new NotFoundError(`there is no ${printable(what)}`)
      : new NotReadyError(`this daemon does not know yet whether there is a ${printable(what)}: ask another one`);

  const single = ({ params: { id }, headers }: Request, names: readonly string[]): Answer => {
    const format = formatFor(headers.accept);
    for (const name of names) {
      const found = directory.find(name, id);
      const registration = found && registry.registration(found.id);
      if (!registration) continue;
      const body = Buffer.from(format.single(format.instance(instanceOf(registration))));
      return { status: 200, headers: { 'content-type': format.contentType }, body };
    }
    throw missing(`instance '${id}'`);
  };

  /** The registration that a write is about. Throws NotFoundError: clients register again then. */
  const find = async ({ params: { app, id }, permit }: Request): Promise<Found> => {
    permit(appNamed(app));
    let found = directory.find(app, id);
    if (!found) {
      // It may have registered at another daemon a moment ago.
      await registry.inquire();
      found = directory.find(app, id);
    }
    if (!found) throw missing(`instance '${id}' of '${app}'`);
    permit(found.app);
    return found;
  };

  const override = async (request: Request, status: string): Promise<Answer> => {
    const { id, instance } = await find(request);
    await registry.setState(id, stateOf(status), instance);
    return done;
  };

  const handlers = forRoutes<Handle>({
    'GET /apps': (request) => list(request, 'apps', () => true),

    // Clients then ask for everything. A delta would need a memory of what each of them has.
    'GET /apps/delta': () => {
      throw new NotFoundError('there are no deltas: ask for everything');
    },

    'GET /apps/:app': (request) => {
      const name = upperCase(request.params.app);
      if (!directory.isOnline(name)) throw missing(`application '${name}'`);
      return answer(request, 'app', (format) => applicationOf(directory, name, format));
    },

    'GET /apps/:app/:id': (request) => single(request, [request.params.app]),
    'GET /instances/:id': (request) => single(request, directory.names()),

    'GET /vips/:vip': (request) =>
      list(request, 'vip', ({ vipAddress }) => vipAddress.split(',').includes(request.params.vip)),
    'GET /svips/:vip': (request) =>
      list(request, 'svip', ({ secureVipAddress }) => secureVipAddress.split(',').includes(request.params.vip)),

    'POST /apps/:app': (request) => {
      const { address, options } = registrationOf(request.params.app, instanceIn(request.body, request.headers));
      request.permit(address.app);
      register(request, address, options);
      return { status: 204 };
    },

    'PUT /apps/:app/:id': async (request) => {
      const { id, instance } = await find(request);
      if (!(await registry.renew(id, instance))) throw missing(`registration '${id}'`);
      return done;
    },

    'DELETE /apps/:app/:id': async (request) => {
      const { id, instance } = await find(request);
      await registry.deregister(id, instance);
      return done;
    },

    'PUT /apps/:app/:id/status': (request) => override(request, request.query().get('value') ?? ''),
    'DELETE /apps/:app/:id/status': (request) => override(request, 'UP'),
  });
  return { keep: keptBy503, handlers: handlers as SurfaceHandlers<EurekaRoute>['handlers'] };
};

/** What a status that overrides that of an instance means. Throws InvalidError. */
function stateOf(status: string): RegistrationState {
  if (status === 'UP') return { draining: false };
  if (status === 'OUT_OF_SERVICE' || status === 'DOWN') return { draining: true, reason: `Eureka: ${status}` };
  throw new InvalidError(`'value' must be OUT_OF_SERVICE, DOWN or UP, not '${printable(status)}'`);
}
