/**
 * bender for programs: look up, register, hold a registration, watch.
 *
 *     import { Client } from 'bender';
 *     const client = new Client();
 *     const [instance] = await client.resolve('www');
 */

export type { ChangesOptions, TakenSnapshot } from './changes.js';
export { Client } from './client.js';
export type {
  CallOptions,
  ClientOptions,
  EditQuery,
  OnCaveats,
  Query,
  RollbackOptions,
  SwitchOptions,
  Token,
} from './options.js';
export type { DrainRulesApi } from './drain-rules.js';
export type { NearOptions, ResolveOptions } from './resolve-options.js';
export type { EventFilter, EventOptions, WatchedEvent } from './events.js';
export type { ConnectionStatus } from './connection-status.js';
export type { HealthCheck, Probe } from './health.js';
export { probeOf } from './health.js';
export type { Lease } from './lease.js';
export type { LeaseOptions } from './lease-options.js';
export type { LeaseCallbacks, LeaseChange, LeasePicture, LeaseState } from './lease-states.js';
export { Picture } from './picture.js';
export type { SeenChange, SeenEvent } from './picture.js';
export type { Pool } from './pool/pool.js';
export type { Acquired, PoolOptions, PoolStatus, PoolUpdate } from './pool/options.js';
export type { LeaveOut } from './pool/outliers.js';
export type { Picking } from './pool/strategies.js';
export { defaultServer } from './servers.js';
export { waitFor } from './wait-for.js';
export type { WaitOptions } from './wait-for.js';
export type { Timers } from './timers.js';
export { realTimers } from './timers.js';
export * from '../model/errors.js';
export type * from '../model/catalog.js';
export type { Check, CheckOptions } from '../model/check.js';
export type * from '../model/daemon.js';
export type { DrainRule, DrainRuleChange, DrainRuleFields, SignedDrainRule } from '../model/drain-rule.js';
export type * from '../model/events.js';
export type { ExplainAnswer, ExplainCode, ExplainReason } from '../model/explain.js';
export type * from '../model/history.js';
export type * from '../model/registration.js';
export { formatTarget, formatVersions } from '../model/catalog.js';
export type { Weighted } from '../model/weights.js';
export type { WhoAmI } from '../model/whoami.js';
export { pick } from '../model/weights.js';
export { formatId, hostPort, parseId } from '../model/registration.js';
