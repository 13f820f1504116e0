/** Backends, frontends and drain rules, their history, and why an instance is served. */

import { limits } from '../../model/limits.js';
import type { Operation, Parameter } from '../operation.js';
import { listOf } from '../refs.js';
import { backend, drainRule, frontend, instance, split } from './examples.js';
import {
  atLeast,
  atLeastForNew,
  atLeastForRemoval,
  atLeastLeft,
  author,
  force,
  idempotencyKey,
  ifNoneMatch,
  near,
  nameOf,
  nearAtLeast,
  ofEdit,
  ofFrontend,
  ofRegistration,
  toEdit,
} from './parameters.js';

const writeHeaders = [idempotencyKey, author];
const ofAny = { type: 'string' } as const;

interface Kind {
  tag: 'Backends' | 'Frontends' | 'Rules';
  path: '/backends' | '/frontends' | '/drain-rules';
  one: 'backend' | 'frontend' | 'drain rule';
  Schema: 'Backend' | 'Frontend' | 'DrainRule';
  /** The schemas of what a list has, and of one that is shown by itself. */
  Listed: string;
  Shown: string;
  shown: { name: string };
  /** What has to be online for a write to be done. */
  terms: Record<'create' | 'change' | 'remove', readonly Parameter[]>;
  create: Record<string, unknown>;
  change: Record<string, unknown>;
  /** What else there is to say of each write. */
  notes: Record<'create' | 'change' | 'remove' | 'rollBack', string>;
}

const online =
  'Refused with 409 `TOO_FEW_ONLINE` unless a registration is online for it and not draining; with a split, one for each version whose weight is above 0.';
const left =
  'Refused with 409 `TOO_FEW_ONLINE` if it would leave a backend that a frontend serves with nothing online, or drains all that such a backend may resolve to.';

const kinds: readonly Kind[] = [
  {
    tag: 'Backends',
    path: '/backends',
    one: 'backend',
    Schema: 'Backend',
    Listed: 'Backend',
    Shown: 'BackendWithConflicts',
    terms: { create: [], change: [atLeast, force], remove: [atLeastForRemoval, force] },
    shown: backend,
    create: {
      'One version': { name: 'web', app: 'web', version: '1.2.0' },
      'A range': { name: 'api', app: 'api', version: '^1.2.0' },
    },
    change: { Deploy: { version: '1.3.0' }, 'A tenth for the new version': { split: split.split } },
    notes: {
      create: 'Nothing has to be online.',
      change: `The fields that are given change. ${online}`,
      remove: 'A backend that frontends serve is removed only with `force`.',
      rollBack: online,
    },
  },
  {
    tag: 'Frontends',
    path: '/frontends',
    one: 'frontend',
    Schema: 'Frontend',
    Listed: 'Frontend',
    Shown: 'FrontendWithConflicts',
    terms: { create: [atLeastForNew, force], change: [atLeast, force], remove: [] },
    shown: frontend,
    create: { 'For a backend': { name: 'www', backend: 'web' }, 'For none yet': { name: 'www' } },
    change: { 'Another backend': { backend: 'web-2' } },
    notes: {
      create: 'The backend need not exist, unless `at-least` demands it.',
      change: `The fields that are given change. ${online} The backend has to exist.`,
      remove: 'Its callers get nothing from then on.',
      rollBack: online,
    },
  },
  {
    tag: 'Rules',
    path: '/drain-rules',
    one: 'drain rule',
    Schema: 'DrainRule',
    Listed: 'SignedDrainRule',
    Shown: 'SignedDrainRuleWithConflicts',
    terms: { create: [atLeastLeft, force], change: [atLeastLeft, force], remove: [] },
    shown: drainRule,
    create: {
      'A version that drains': { name: 'web@1.2.0', app: 'web', version: '1.2.0', reason: 'new kernel' },
      'A whole app': { name: 'web', app: 'web' },
    },
    change: { 'Every version': { version: null } },
    notes: {
      create: `What it names drains when the request is answered. ${left}`,
      change: `The fields that are given change; null removes them. ${left}`,
      remove: 'Instances that were drained themselves go on draining.',
      rollBack: left,
    },
  },
];

const operationsOf = ({
  tag,
  path,
  one,
  Schema,
  Listed,
  Shown,
  terms,
  shown,
  create,
  change,
  notes,
}: Kind): Operation[] => [
  {
    route: `GET ${path}`,
    id: `list${Schema}s`,
    tag,
    summary: `List the ${one}s`,
    results: {
      200: {
        meaning: `The ${one}s, sorted by name.`,
        schema: listOf(Listed),
        example: [shown],
      },
    },
    marked: true,
  },
  {
    route: `POST ${path}`,
    id: `create${Schema}`,
    tag,
    summary: `Create a ${one}`,
    notes: notes.create,
    query: terms.create,
    headers: writeHeaders,
    body: { schema: `New${Schema}`, required: true, examples: create },
    results: { 201: { meaning: 'It was created.', schema: Schema, headers: ['Location'], example: shown } },
    errors: [409],
    marked: true,
  },
  {
    route: `GET ${path}/:name`,
    id: `show${Schema}`,
    tag,
    summary: `Show a ${one}`,
    path: [nameOf(shown.name)],
    results: { 200: { meaning: `The ${one}.`, schema: Shown, example: shown } },
    errors: [404],
    marked: true,
  },
  {
    route: `PUT ${path}/:name`,
    id: `change${Schema}`,
    tag,
    summary: `Change a ${one}`,
    notes: notes.change,
    path: [nameOf(shown.name)],
    query: terms.change,
    headers: writeHeaders,
    body: { schema: `${Schema}Change`, required: true, examples: change },
    results: { 200: { meaning: `The ${one} as it is now.`, schema: Schema, example: shown } },
    errors: [404, 409],
    marked: true,
  },
  {
    route: `DELETE ${path}/:name`,
    id: `remove${Schema}`,
    tag,
    summary: `Remove a ${one}`,
    notes: notes.remove,
    path: [nameOf(shown.name)],
    query: terms.remove,
    headers: writeHeaders,
    results: { 204: { meaning: 'It was removed.' } },
    errors: [404, 409],
    marked: true,
  },
  {
    route: `POST ${path}/:name/rollback`,
    id: `rollBack${Schema}`,
    tag,
    summary: `Undo the last change of a ${one}`,
    notes: `A ${one} that the change removed exists again. ${notes.rollBack}`,
    path: [nameOf(shown.name)],
    query: [ofEdit, toEdit, ...terms.change],
    headers: writeHeaders,
    results: { 200: { meaning: `The ${one} as it was before.`, schema: Schema, example: shown } },
    errors: [404, 409],
    marked: true,
  },
  ...(tag === 'Rules' ? [] : [resolving({ path, one, Schema, tag, shown })]),
];

const resolving = ({
  path,
  one,
  Schema,
  tag,
  shown,
}: Pick<Kind, 'path' | 'one' | 'Schema' | 'tag' | 'shown'>): Operation => ({
  route: `GET ${path}/:name/registrations`,
  id: `resolve${Schema}`,
  tag,
  summary: `List the instances that callers of a ${one} are sent to`,
  path: [nameOf(shown.name)],
  query: [near, nearAtLeast],
  headers: [ifNoneMatch],
  results: {
    200: {
      meaning: 'The registrations that are online and not draining, each with its weight; `[]` if there are none.',
      schema: listOf('WeightedRegistration'),
      headers: ['ETag'],
      example: [{ ...instance, weight: 1 }],
    },
    304: { meaning: 'Nothing has changed.', headers: ['ETag'] },
  },
  errors: [404],
  marked: true,
});

const history: readonly Operation[] = [
  {
    route: 'GET /history',
    id: 'listHistory',
    tag: 'History',
    summary: 'List the last changes of backends, frontends and drain rules',
    query: [
      { name: 'backend', meaning: 'Only changes of this backend; with `frontend`, of either.', schema: ofAny },
      { name: 'frontend', meaning: 'Only changes of this frontend.', schema: ofAny },
      { name: 'drain-rule', meaning: 'Only changes of this drain rule.', schema: ofAny },
      {
        name: 'limit',
        meaning: 'How many to return.',
        schema: { type: 'integer', minimum: 1, maximum: limits.history, default: 100 },
        example: 10,
      },
    ],
    results: {
      200: {
        meaning: 'The changes, the last one first.',
        schema: listOf('Edit'),
        example: [
          {
            id: '9c3d1f7e5a0b4c2d8e6f9c3d1f7e5a0b4c2d8e6f9c3d1f7e5a0b4c2d8e6f1a2b',
            at: 1767225600000,
            author: 'ann',
            daemon: 'one',
            kind: 'backend',
            name: 'web',
            from: backend,
            to: split,
          },
        ],
      },
    },
    marked: true,
  },
  {
    route: 'GET /explain',
    id: 'explain',
    tag: 'History',
    summary: 'Say why an instance is, or is not, served',
    query: [ofRegistration, ofFrontend],
    results: {
      200: {
        meaning: 'Whether callers of the frontend are sent to the instance, and all that keeps them from it.',
        schema: 'Explanation',
        example: {
          registration: instance.id,
          frontend: 'www',
          backend: 'web',
          served: false,
          share: 0,
          reasons: [{ code: 'draining', message: 'it drains: new kernel' }],
        },
      },
    },
    errors: [404],
    marked: true,
  },
];

export const catalog: readonly Operation[] = [...kinds.flatMap(operationsOf), ...history];
