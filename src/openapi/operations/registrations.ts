/** Registering, renewing, looking up, draining, deregistering. */

import type { Operation } from '../operation.js';
import { listOf } from '../refs.js';
import { instance } from './examples.js';
import {
  idempotencyKey,
  ifNoneMatch,
  listedState,
  metaCondition,
  ofInstance,
  ofRegistrations,
  versionOrRange,
} from './parameters.js';

const onePath = '/registrations/:app/:version/:host/:port';
const { app, version, host, port } = instance;

const lookUp = {
  tag: 'Registrations',
  query: [listedState, metaCondition],
  headers: [ifNoneMatch],
  marked: true,
  results: {
    200: {
      meaning: 'The registrations, sorted by id; `[]` if nothing matches.',
      schema: listOf('Registration'),
      headers: ['ETag'],
      example: [instance],
    },
    304: { meaning: 'Nothing has changed.', headers: ['ETag'] },
  },
} as const;

export const registrations: readonly Operation[] = [
  { ...lookUp, route: 'GET /registrations', id: 'listRegistrations', summary: 'List all registrations' },
  {
    ...lookUp,
    route: 'GET /registrations/:app',
    id: 'listRegistrationsOfApp',
    summary: 'List the registrations of an app',
  },
  {
    ...lookUp,
    route: 'GET /registrations/:app/:version',
    id: 'listRegistrationsOfVersion',
    summary: 'List the registrations of a version or a range',
    notes:
      'The range is a [semver range](https://github.com/npm/node-semver#ranges), URL-encoded. A version that is no semver version matches itself.',
    path: [versionOrRange],
  },
  {
    route: `GET ${onePath}`,
    id: 'showRegistration',
    tag: 'Registrations',
    summary: 'Show a registration',
    results: { 200: { meaning: 'The registration.', schema: 'Registration', example: instance } },
    errors: [404],
    marked: true,
  },
  {
    route: 'POST /registrations',
    id: 'register',
    tag: 'Registrations',
    summary: 'Register an instance',
    notes:
      'An id that is online is renewed; with another `ttl` or `meta` it is updated, and fields that are left out keep their values. ' +
      'Another `instance` than before begins a new life. To register another version of the app at the same address ends the earlier registration.\n\n' +
      'The instance has to be renewed more often than its `ttl`: `renewEvery` says how often. With a `check` the daemons probe the instance, and each pass renews it.',
    body: {
      schema: 'NewRegistration',
      required: true,
      examples: {
        'A service that renews': { app, version, host, port, meta: { zone: 'eu-1' }, instance: '0f3c' },
        'A database that the daemons probe': {
          app: 'db',
          version: '15',
          host: '10.0.0.9',
          port: 5432,
          check: { tcp: true },
        },
      },
    },
    results: {
      200: {
        meaning: 'It was renewed or updated.',
        schema: 'NewlyRegistered',
        example: { ...instance, renewEvery: 1333 },
      },
      201: {
        meaning: 'It came online.',
        schema: 'NewlyRegistered',
        headers: ['Location'],
        example: { ...instance, renewEvery: 1333 },
      },
    },
    marked: false,
  },
  {
    route: `POST ${onePath}`,
    id: 'registerAt',
    tag: 'Registrations',
    summary: 'Register the instance at an address',
    notes: 'Without a body it renews, and registers what is unknown.',
    body: {
      schema: 'RegistrationOptions',
      required: false,
      examples: { 'With metadata': { ttl: 10000, meta: { zone: 'eu-1' } } },
    },
    results: {
      200: { meaning: 'It is online.', schema: 'NewlyRegistered', example: { ...instance, renewEvery: 1333 } },
      204: { meaning: 'It was renewed, by a request without a body.' },
    },
    marked: false,
  },
  {
    route: `PUT ${onePath}/lease`,
    id: 'renew',
    tag: 'Registrations',
    summary: 'Renew a registration',
    notes: 'Answered also while the daemon is overloaded. After a 404, register again.',
    query: [ofInstance],
    results: { 204: { meaning: 'It was renewed.' } },
    errors: [404],
    marked: false,
  },
  {
    route: 'POST /renewals',
    id: 'renewMany',
    tag: 'Registrations',
    summary: 'Renew many registrations',
    notes: 'Answered also while the daemon is overloaded.',
    body: {
      schema: 'Renewals',
      required: true,
      examples: { 'Two instances': { ids: [instance.id, { id: 'web/1.2.0/10.0.0.6/8080', instance: '0f3c' }] } },
    },
    results: {
      200: {
        meaning: 'What was renewed, and what was not.',
        schema: 'Renewed',
        example: { renewed: 1, unknown: ['web/1.2.0/10.0.0.6/8080'] },
      },
    },
    marked: false,
  },
  {
    route: 'GET /leases',
    id: 'listLeases',
    tag: 'Registrations',
    summary: 'Show how long registrations stay online without a renewal',
    query: [ofRegistrations],
    results: {
      200: {
        meaning: 'Their leases.',
        schema: listOf('Lease'),
        example: [{ id: instance.id, ttl: 4000, holder: 'one', remaining: 2700 }],
      },
    },
    marked: true,
  },
  {
    route: `PUT ${onePath}/state`,
    id: 'setState',
    tag: 'Registrations',
    summary: 'Drain or undrain an instance',
    notes:
      'Backends do not resolve to an instance that drains. It stays online, and has to be renewed. Renewals and restarts of daemons do not change the decision.',
    query: [ofInstance],
    headers: [idempotencyKey],
    body: { schema: 'State', required: true, examples: { Drain: { draining: true, reason: 'new kernel' } } },
    results: {
      200: {
        meaning: 'The registration as it is now.',
        schema: 'Registration',
        example: { ...instance, draining: true, drainReason: 'new kernel' },
      },
    },
    errors: [404, 409],
    marked: true,
  },
  {
    route: `PUT ${onePath}/health`,
    id: 'setHealth',
    tag: 'Registrations',
    summary: 'Take an unhealthy instance offline, or bring it back',
    query: [ofInstance],
    headers: [idempotencyKey],
    body: {
      schema: 'Health',
      required: true,
      examples: {
        'A check that fails': { unhealthy: 'no connection to the database' },
        'One that passes': { unhealthy: null },
      },
    },
    results: { 204: { meaning: 'Every daemon that exchanges directly with this one knows, or 200 ms have passed.' } },
    errors: [404, 409],
    marked: true,
  },
  {
    route: `DELETE ${onePath}`,
    id: 'deregister',
    tag: 'Registrations',
    summary: 'End a registration',
    query: [ofInstance],
    headers: [idempotencyKey],
    results: { 204: { meaning: 'It has ended.' } },
    errors: [404, 409],
    marked: true,
  },
];
