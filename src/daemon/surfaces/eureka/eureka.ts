/**
 * Eureka's REST interface, as the clients of Netflix, Spring Cloud, Prometheus, APISIX and Node.js use it. A client
 * that does not ask for JSON gets XML.
 */

import { InvalidError, NotFoundError, NotReadyError } from '../../../model/errors.js';
import { printable } from '../../../model/printable.js';
import type { Registration, RegistrationState } from '../../../model/registration.js';
import type { Made } from '../../http/contents.js';
import type { Answer, ApiRequest, Reply } from '../../http/route.js';
import type { Sliced } from '../../http/slices.js';
import { endFormer } from '../former.js';
import { keptBy503 } from '../keep.js';
import { isUnsure, type OpenSurface, type SurfaceHandlers } from '../surface.js';
import { instanceIn } from './body.js';
import { Directory } from './directory.js';
import { type Format, formatFor } from './format.js';
import { type Instance, instanceOf, upperCase } from './instance.js';
import { InstanceIds } from './instance-ids.js';
import { applicationOf, applicationsOf } from './listing.js';
import { appNamed, registrationOf } from './registering.js';
import { type EurekaRoute, forRoutes } from './routes.js';

type Request = ApiRequest<'app' | 'id' | 'vip'>;
type Handle = (request: Request) => Reply | Promise<Reply>;

const done: Answer = { status: 200 };

export const open: OpenSurface<EurekaRoute> = ({ registry, answers, register }) => {
  const directory = new Directory(registry);
  const ids = new InstanceIds(registry);

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

  /** @param isKnown  whether this daemon can tell that something is not there */
  const missing = (what: string, isKnown = !isUnsure(registry)): Error =>
    isKnown
      ? new NotFoundError(`there is no ${printable(what)}`)
      : new NotReadyError(`this daemon cannot tell whether there is a ${printable(what)}: ask another one`);

  const single = async ({ params: { id }, headers }: Request, app?: string): Promise<Answer> => {
    await ids.ready;
    const online = ids.find(id, app).find(({ unhealthy }) => unhealthy === undefined);
    if (!online) throw missing(`instance '${id}'`);
    const format = formatFor(headers.accept);
    const body = Buffer.from(format.single(format.instance(instanceOf(online))));
    return { status: 200, headers: { 'content-type': format.contentType }, body };
  };

  /** The registrations with an id that the caller may change, the newest first. */
  const changeable = ({ caller }: Request, app: string, instanceId: string): Registration[] =>
    ids.find(instanceId, app).filter((one) => caller?.isFor(one.app) ?? true);

  /** The registration that a write is about; undefined if none is known. */
  const find = async (request: Request): Promise<Registration | undefined> => {
    const { app, id } = request.params;
    await ids.ready;
    const [found] = changeable(request, app, id);
    if (found) return found;
    request.permit(appNamed(app));
    // It may have registered at another daemon a moment ago.
    await registry.inquire();
    return changeable(request, app, id)[0];
  };

  const unknown = ({ params: { app, id } }: Request): string => `instance '${id}' of '${app}'`;

  const findSurely = async (request: Request): Promise<Registration> => {
    const found = await find(request);
    if (!found) throw missing(unknown(request));
    return found;
  };

  const override = async (request: Request, status: string): Promise<Answer> => {
    const { id, instance } = await findSurely(request);
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

    'GET /apps/:app/:id': (request) => single(request, request.params.app),
    'GET /instances/:id': (request) => single(request),

    'GET /vips/:vip': (request) =>
      list(request, 'vip', ({ vipAddress }) => vipAddress.split(',').includes(request.params.vip)),
    'GET /svips/:vip': (request) =>
      list(request, 'svip', ({ secureVipAddress }) => secureVipAddress.split(',').includes(request.params.vip)),

    'POST /apps/:app': async (request) => {
      const { address, options } = registrationOf(request.params.app, instanceIn(request.body, request.headers));
      request.permit(address.app);
      await ids.ready;
      const sameId = changeable(request, address.app, options.instance!);
      const former = sameId.filter(({ instance }) => instance === options.instance);
      register(request, address, options);
      await endFormer(registry, former, address);
      return { status: 204 };
    },

    'PUT /apps/:app/:id': async (request) => {
      const found = await find(request);
      // Clients register again after a 404, which does no harm while this daemon hears no others.
      if (!found || !(await registry.renew(found.id, found.instance))) throw missing(unknown(request), registry.synced);
      return done;
    },

    'DELETE /apps/:app/:id': async (request) => {
      const { id, instance } = await findSurely(request);
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
