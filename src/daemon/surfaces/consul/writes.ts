/** Registering, reporting by checks, draining, deregistering. */

import { limits } from '../../../model/limits.js';
import { printable } from '../../../model/printable.js';
import { formatId, type Meta, type Registration, type RegistrationOptions } from '../../../model/registration.js';
import { check } from '../../../model/validate.js';
import type { Registry } from '../../core/registry.js';
import type { Answer, ApiRequest } from '../../http/route.js';
import type { Register } from '../../http/registrations.js';
import { endFormer } from '../former.js';
import { isUnsure, type SurfaceHandlers } from '../surface.js';
import { checkIn, reportIn, serviceIn } from './bodies.js';
import type { WantedCheck } from './check-body.js';
import type { Status } from './instance.js';
import { type Kept, keptIn, reserved } from './kept.js';
import { isOn } from './questions.js';
import { ConsulError } from './refusal.js';
import type { WriteKey } from './routes.js';
import { askerOf, type ServiceIds } from './service-ids.js';

interface WritesContext {
  registry: Registry;
  register: Register;
  ids: ServiceIds;
}

type OfOne = ApiRequest<'id'>;

const done: Answer = { status: 200 };

/** What a check says before it has reported. */
const notYet = 'the check has not passed yet';

export function writes({ registry, register, ids }: WritesContext): SurfaceHandlers<WriteKey>['handlers'] {
  /** The registration that a request is about, which its caller may change. */
  const asked = async (what: 'service' | 'check', request: OfOne): Promise<Registration> => {
    const { id } = request.params;
    const found = await ids[what](id, askerOf(request));
    if (found) {
      request.permit(found.app);
      return found;
    }
    // A check that is unknown is registered again. A service that is said to be unknown would be taken for gone.
    if (what === 'service' && isUnsure(registry))
      throw new ConsulError(
        500,
        `No cluster leader: this daemon cannot tell whether there is a service ID "${printable(id)}"`,
      );
    const hint =
      what === 'check' ? 'the check ID is passed, not the check name' : 'the service ID is passed, not its name';
    throw new ConsulError(404, `Unknown ${what} ID "${printable(id)}". Ensure that ${hint}.`);
  };

  /** Writes what is kept of a registration beside its address. Its instance stays the same. */
  const update = (
    request: ApiRequest,
    registration: Registration,
    options: RegistrationOptions & { meta: Meta },
  ): void => {
    const { app, version, host, port, instance } = registration;
    const checked = check('options', { ...options, ...(instance !== undefined && { instance }) });
    register(request, { app, version, host, port }, checked);
  };

  const report = async (
    request: ApiRequest,
    registration: Registration,
    status: Status,
    note: string,
  ): Promise<Answer> => {
    const { id, unhealthy, meta } = registration;
    if (registration.check) throw new ConsulError(400, 'the check has no TTL: the daemons probe the service');
    // First of all it is a renewal, which neither quotas nor an overload may stop.
    if (!registry.renewKnown(id) && !(await registry.renew(id)))
      throw new ConsulError(404, `Unknown check ID "${printable(id)}": it has expired, register the service again`);
    const text = printable(note, limits.unhealthy);
    const { warning } = keptIn(meta);
    const warns = status === 'warning' ? text || 'it warns' : undefined;
    const fails = status === 'critical' ? text || 'the check failed' : undefined;
    const isSameNote = status === 'critical' || warning === warns;
    if (isSameNote && unhealthy === fails) return done;
    request.admitChange();
    if (isSameNote) await registry.setHealth(id, fails ?? null);
    else update(request, registration, { meta: withKept(meta, { warning: warns }), unhealthy: null });
    return done;
  };

  const reporting =
    (status: Status) =>
    async (request: OfOne): Promise<Answer> =>
      report(request, await asked('check', request), status, request.query().get('note') ?? '');

  const registerService = async (request: ApiRequest): Promise<Answer> => {
    const wanted = serviceIn(request.body, request.address);
    request.permit(wanted.address.app);
    const address = check('address', wanted.address);
    const id = formatId(address);
    await ids.ready;
    // What this one replaces: on one host an ID is there once.
    const former = ids.onHost(wanted.id, address.host, askerOf(request));
    const before = former.find((one) => one.id === id);
    const initial = statusOf(wanted, before);
    const options = {
      ...leaseOf(wanted),
      meta: {
        ...wanted.meta,
        [reserved]: clean({ id: wanted.id, ...wanted.kept, check: wanted.check, ...initial.kept }),
      },
      ...initial.health,
    };
    register(request, address, check('options', options));
    ids.registered(id, request);
    await endFormer(registry, former, address);
    return done;
  };

  const registerCheck = async (request: ApiRequest): Promise<Answer> => {
    const wanted = checkIn(request.body);
    const found = await ids.service(wanted.serviceId, askerOf(request));
    if (!found) throw new ConsulError(404, `ServiceID "${printable(wanted.serviceId)}" does not exist`);
    request.permit(found.app);
    const check = wanted.of(found);
    const isSame = keptIn(found.meta).check?.id === check.check.id;
    const initial = statusOf(check, isSame ? found : undefined);
    const kept = { ...keptIn(found.meta), check: check.check, warning: undefined, ...initial.kept };
    update(request, found, { ...leaseOf(check), meta: withKept(found.meta, kept), ...initial.health });
    return done;
  };

  const deregisterService = async (request: OfOne): Promise<Answer> => {
    await registry.deregister((await asked('service', request)).id);
    return done;
  };

  const deregisterCheck = async (request: OfOne): Promise<Answer> => {
    await asked('check', request);
    throw new ConsulError(400, 'a service is kept by its check: deregister the service, or register another check');
  };

  const refused = (): never => {
    throw new ConsulError(400, 'the catalog follows the services: register them with /v1/agent/service/register');
  };

  return {
    'PUT /v1/agent/service/register': registerService,
    ...both('/v1/agent/service/deregister/:id', deregisterService),
    'PUT /v1/agent/service/maintenance/:id': async (request) => {
      const { id } = await asked('service', request);
      const parameters = request.query();
      if (!parameters.get('enable')) throw new ConsulError(400, 'Missing value for enable');
      const reason = printable(parameters.get('reason') ?? '', limits.reason);
      const state = { draining: isOn(parameters, 'enable'), ...(reason && { reason }) };
      await registry.setState(id, state);
      return done;
    },
    'PUT /v1/agent/check/register': registerCheck,
    ...both('/v1/agent/check/deregister/:id', deregisterCheck),
    ...both('/v1/agent/check/pass/:id', reporting('passing')),
    ...both('/v1/agent/check/warn/:id', reporting('warning')),
    ...both('/v1/agent/check/fail/:id', reporting('critical')),
    'PUT /v1/agent/check/update/:id': async (request) => {
      const { status, note } = reportIn(request.body);
      return report(request, await asked('check', request), status, note);
    },
    'PUT /v1/catalog/register': refused,
    'PUT /v1/catalog/deregister': refused,
  };
}

/** The same handler for GET and PUT. */
const both = <Path extends string, Handler>(path: Path, handler: Handler) =>
  ({ [`GET ${path}`]: handler, [`PUT ${path}`]: handler }) as Record<`GET ${Path}` | `PUT ${Path}`, Handler>;

/** The status with which a check begins: the one it had, the one that is given, or critical. */
function statusOf(
  { status = 'critical' }: WantedCheck,
  before: Registration | undefined,
): { kept: Pick<Kept, 'warning'>; health: { unhealthy?: string | null } } {
  if (before) {
    const { warning } = keptIn(before.meta);
    return { kept: warning === undefined ? {} : { warning }, health: {} };
  }
  return {
    kept: status === 'warning' ? { warning: 'it warns' } : {},
    health: { unhealthy: status === 'critical' ? notYet : null },
  };
}

/** The TTL, or how it is probed. */
const leaseOf = ({ ttl, probe }: WantedCheck): RegistrationOptions => ({
  ...(ttl !== undefined && { ttl }),
  check: probe,
});

/** The metadata with a change of what is kept in them; undefined removes. */
const withKept = (meta: Meta, change: Partial<Record<keyof Kept, unknown>>): Meta => ({
  ...meta,
  [reserved]: clean({ ...keptIn(meta), ...change }),
});

const clean = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
