/**
 * What answers look like, as schemas. The types that the daemon and the client use are in src/model; if one of them and
 * its schema here are no longer the same, the compiler says at `drifted` which.
 *
 * Properties get their meaning from meanings.ts.
 */

import * as v from 'valibot';
import type { Backend, Frontend, Routing } from '../model/catalog.js';
import type { Check } from '../model/check.js';
import type { DrainRule, SignedDrainRule } from '../model/drain-rule.js';
import { limits } from '../model/limits.js';
import type { ExplainAnswer } from '../model/explain.js';
import type { Edit, WithConflicts } from '../model/history.js';
import { schemes } from '../model/routing.js';
import type { RegisterAnswer, Registration, RenewalsAnswer } from '../model/registration.js';
import { maxWeight, type Weighted } from '../model/weights.js';
import { caveats, text, unixMs, whole, yes } from './plain.js';
import type { Exact } from './same-type.js';

const check = v.object({
  http: v.exactOptional(text),
  https: v.exactOptional(text),
  tcp: v.exactOptional(yes),
  skipVerify: v.exactOptional(yes),
  interval: whole,
  timeout: whole,
  fails: whole,
  passes: whole,
  deregisterAfter: whole,
});

const registrationFields = {
  resource: v.literal('Registration'),
  id: text,
  app: text,
  version: text,
  host: text,
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
  ttl: whole,
  meta: v.record(v.string(), v.unknown()),
  draining: v.boolean(),
  drainReason: v.exactOptional(text),
  drainUntil: v.exactOptional(unixMs),
  drainRule: v.exactOptional(text),
  registered: unixMs,
  instance: v.exactOptional(text),
  unhealthy: v.exactOptional(text),
  check: v.exactOptional(check),
};

const registration = v.object(registrationFields);

const routing = v.object({
  hosts: v.exactOptional(v.array(text)),
  pathPrefix: v.exactOptional(text),
  scheme: v.exactOptional(v.picklist(schemes)),
  entryPoints: v.exactOptional(v.array(text)),
  middlewares: v.exactOptional(v.array(text)),
});

const weightInSplit = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.splitWeight));
const split = v.record(v.string(), weightInSplit);
const [noSplit, noVersion] = [v.exactOptional(v.never()), v.exactOptional(v.never())];

const backendFields = {
  resource: v.literal('Backend'),
  name: text,
  app: text,
  warmupMs: v.exactOptional(whole),
  routing: v.exactOptional(routing),
};
const toOneVersion = { ...backendFields, version: text, split: noSplit };
const toSeveral = { ...backendFields, split, version: noVersion };
const backends = {
  BackendOfOneVersion: v.object(toOneVersion),
  BackendOfSeveralVersions: v.object(toSeveral),
};
const backend = v.union([backends.BackendOfOneVersion, backends.BackendOfSeveralVersions]);

const frontendFields = {
  resource: v.literal('Frontend'),
  name: text,
  backend: v.exactOptional(text),
  routing: v.exactOptional(routing),
};
const frontend = v.object(frontendFields);

const drainRuleFields = {
  resource: v.literal('DrainRule'),
  name: text,
  app: text,
  version: v.exactOptional(text),
  reason: v.exactOptional(text),
};
const drainRule = v.object(drainRuleFields);
const signed = { ...drainRuleFields, author: v.exactOptional(text), at: v.exactOptional(unixMs) };

const removed = v.object({ deleted: yes });
const conflictOfBackend = { conflict: v.exactOptional(v.array(v.union([backend, removed]))) };
const backendsShown = {
  BackendOfOneVersionWithConflicts: v.object({ ...toOneVersion, ...conflictOfBackend }),
  BackendOfSeveralVersionsWithConflicts: v.object({ ...toSeveral, ...conflictOfBackend }),
};
const backendShown = v.union([
  backendsShown.BackendOfOneVersionWithConflicts,
  backendsShown.BackendOfSeveralVersionsWithConflicts,
]);
const frontendShown = v.object({
  ...frontendFields,
  conflict: v.exactOptional(v.array(v.union([frontend, removed]))),
});

const editFields = {
  id: text,
  at: unixMs,
  author: v.exactOptional(text),
  proven: v.exactOptional(yes),
  claimedAuthor: v.exactOptional(text),
  daemon: v.exactOptional(text),
  concurrent: v.exactOptional(yes),
  name: text,
};
const edits = {
  EditOfBackend: v.object({
    ...editFields,
    kind: v.literal('backend'),
    from: v.exactOptional(backend),
    to: v.exactOptional(backend),
  }),
  EditOfFrontend: v.object({
    ...editFields,
    kind: v.literal('frontend'),
    from: v.exactOptional(frontend),
    to: v.exactOptional(frontend),
  }),
  EditOfDrainRule: v.object({
    ...editFields,
    kind: v.literal('drain-rule'),
    from: v.exactOptional(drainRule),
    to: v.exactOptional(drainRule),
  }),
};
const edit = v.union([edits.EditOfBackend, edits.EditOfFrontend, edits.EditOfDrainRule]);

const explanation = v.object({
  registration: text,
  frontend: text,
  backend: v.exactOptional(text),
  served: v.boolean(),
  share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  reasons: v.array(
    v.object({
      code: v.picklist(['no-backend', 'other-app', 'other-version', 'weight-0', 'draining', 'unhealthy', 'offline']),
      message: text,
      drainRule: v.exactOptional(text),
      drainUntil: v.exactOptional(unixMs),
    }),
  ),
  ...caveats,
});

const renewalsDone = v.object({
  renewed: whole,
  unknown: v.array(text),
  replaced: v.exactOptional(v.array(v.object({ id: text, instance: text, replacedBy: text }))),
});

/**
 * By the names that they have in the description. Each of several shapes has one, since generators of clients make
 * nothing of those without.
 */
export const answers = {
  Check: check,
  Registration: registration,
  NewlyRegistered: v.object({ ...registrationFields, renewEvery: whole }),
  WeightedRegistration: v.object({
    ...registrationFields,
    weight: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxWeight)),
  }),
  Renewed: renewalsDone,
  Routing: routing,
  Backend: backend,
  ...backends,
  BackendWithConflicts: backendShown,
  ...backendsShown,
  Removal: removed,
  Frontend: frontend,
  FrontendWithConflicts: frontendShown,
  DrainRule: drainRule,
  SignedDrainRule: v.object(signed),
  SignedDrainRuleWithConflicts: v.object({
    ...signed,
    conflict: v.exactOptional(v.array(v.union([drainRule, removed]))),
  }),
  Edit: edit,
  ...edits,
  Explanation: explanation,
};

interface Types {
  Check: Check;
  Registration: Registration;
  NewlyRegistered: RegisterAnswer;
  WeightedRegistration: Weighted;
  Renewed: RenewalsAnswer;
  Routing: Routing;
  Backend: Backend;
  BackendWithConflicts: WithConflicts<Backend>;
  Frontend: Frontend;
  FrontendWithConflicts: WithConflicts<Frontend>;
  DrainRule: DrainRule;
  SignedDrainRule: SignedDrainRule;
  SignedDrainRuleWithConflicts: SignedDrainRule & WithConflicts<DrainRule>;
  Edit: Edit;
  Explanation: ExplainAnswer;
}

/** Empty, or it does not compile: then the error names the schemas that differ from their types. */
export const drifted: Exact<Types, typeof answers> = {};
