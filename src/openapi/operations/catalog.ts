/** Backends, frontends and drain rules, their history, and why an instance is served. */

import { limits } from '../../model/limits.js';
import type { Operation, Parameter } from '../operation.js';
import { listOf } from '../refs.js';
import { backend, drainRule, frontend, instance, split } from './examples.js';
import {
  atLeast,
  author,
  force,
  idempotencyKey,
  ifNoneMatch,
  near,
  nearAtLeast,
  ofEdit,
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
  shown: object;
  /** What has to be online before callers are sent elsewhere; without callers, nothing. */
  terms: readonly Parameter[];
  create: Record<string, unknown>;
  change: Record<string, unknown>;
  creation: string;
  changing: string;
  removal: string;
}

const online =
  'Refused with 409 `TOO_FEW_ONLINE` unless a registration is online for it and not draining; with a split, one for each version whose weight is above 0.';

const kinds: readonly Kind[] = [
  {
    tag: 'Backends',
    path: '/backends',
    one: 'backend',
    Schema: 'Backend',
    Listed: 'Backend',
    Shown: 'BackendWithConflicts',
    terms: [atLeast, force],
    shown: backend,
    create: {
      'One version': { name: 'web', app: 'web', version: '1.2.0' },
      'A range': { name: 'api', app: 'api', version: '^1.2.0' },
    },
    change: { Deploy: { version: '1.3.0' }, 'A tenth for the new version': { split: split.split } },
    creation: 'Nothing has to be online.',
    changing: `The fields that are given change. ${online}`,
    removal: 'A backend that frontends serve is removed only with `force`.',
  },
  {
    tag: 'Frontends',
    path: '/frontends',
    one: 'frontend',
    Schema: 'Frontend',
    Listed: 'Frontend',
    Shown: 'FrontendWithConflicts',
    terms: [atLeast, force],
    shown: frontend,
    create: { 'For a backend': { name: 'www', backend: 'web' }, 'For none yet': { name: 'www' } },
    change: { 'Another backend': { backend: 'web-2' } },
    creation: 'The backend need not exist, unless `at-least` demands it.',
    changing: `The fields that are given change. ${online} The backend has to exist.`,
    removal: '',
  },
  {
    tag: 'Rules',
    path: '/drain-rules',
    one: 'drain rule',
    Schema: 'DrainRule',
    Listed: 'SignedDrainRule',
    Shown: 'SignedDrainRuleWithConflicts',
    terms: [],
    shown: drainRule,
    create: {
      'A version that drains': { name: 'web@1.2.0', app: 'web', version: '1.2.0', reason: 'new kernel' },
      'A whole app': { name: 'web', app: 'web' },
    },
    change: { 'Every version': { version: null } },
    creation: 'What it names drains when the request is answered.',
    changing: 'The fields that are given change; null removes them.',
    removal: 'A decision on an instance itself goes on.',
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
  ...notes
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
    notes: notes.creation,
    query: terms,
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
    results: { 200: { meaning: `The ${one}.`, schema: Shown, example: shown } },
    errors: [404],
    marked: true,
  },
  {
    route: `PUT ${path}/:name`,
    id: `change${Schema}`,
    tag,
    summary: `Change a ${one}`,
    notes: notes.changing,
    query: terms,
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
    ...(notes.removal && { notes: notes.removal }),
    query: terms,
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
    notes: `A ${one} that the change removed exists again.${terms.length > 0 ? ` ${online}` : ''}`,
    query: [ofEdit, toEdit, ...terms],
    headers: writeHeaders,
    results: { 200: { meaning: `The ${one} as it was before.`, schema: Schema, example: shown } },
    errors: [404, 409],
    marked: true,
  },
  ...(terms.length > 0 ? [resolving(path, one, Schema, tag)] : []),
];

const resolving = (path: string, one: string, Schema: string, tag: Kind['tag']): Operation => ({
  route: `GET ${path}/:name/registrations`,
  id: `resolve${Schema}`,
  tag,
  summary: `List the instances that callers of a ${one} are sent to`,
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
        meaning: 'How many to return. Default 100.',
        schema: { type: 'integer', minimum: 1, maximum: limits.history },
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
    query: [
      { name: 'registration', meaning: 'The id of the instance.', schema: ofAny, required: true, example: instance.id },
      { name: 'frontend', meaning: 'The name of the frontend.', schema: ofAny, required: true, example: 'www' },
    ],
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
