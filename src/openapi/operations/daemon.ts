/** Watching, the daemons, the probes, and the pages. */

import { eventTypes } from '../../model/events.js';
import type { Operation } from '../operation.js';
import { listOf, refToSchema } from '../refs.js';
import { daemonIdentity, instance } from './examples.js';
import { idempotencyKey, ifNoneMatch, metaCondition, nameOf, onOrOff, versionOrRange } from './parameters.js';

const frames = `retry: 1000

id: 4kXbW1nqTn2o0yVY5C1h9A:41
event: snapshot
data: ${JSON.stringify({ type: 'snapshot', registrations: [instance], backends: [], frontends: [], daemons: [daemonIdentity], at: 1767225600000 })}

`;

const page = { type: 'string' } as const;
const kept = {
  headers: [ifNoneMatch],
  notModified: { meaning: 'Nothing has changed.', headers: ['ETag', 'Cache-Control'] as const },
};

export const daemon: readonly Operation[] = [
  {
    route: 'GET /events',
    id: 'watch',
    tag: 'Events',
    summary: 'Watch every change',
    notes:
      'Server-sent events: `id`, `event` (the type) and `data`, a JSON text that the schema `Event` describes. A stream begins with a `snapshot`. If it is opened with the id of the last ' +
      'event that the client has seen, it begins with the first one after that, if the daemon still has it. Otherwise it begins with a snapshot after all: a client replaces its picture on ' +
      '`snapshot`, and changes it on any other event.\n\n' +
      'While there is nothing to send, the stream carries a comment every 5 to 10 s. It ends when the daemon leaves.',
    query: [
      {
        name: 'app',
        meaning: 'Only registrations of this app, and backends that point at it.',
        schema: page,
        example: 'web',
      },
      {
        ...versionOrRange,
        meaning: 'Only registrations of this version or range, and backends that point at it.',
        schema: page,
      },
      {
        name: 'type',
        meaning: 'Only these types of events, separated by commas. Default: all.',
        schema: { type: 'array', items: { type: 'string', enum: [...eventTypes] } },
        isJoined: true,
        example: ['online', 'offline'],
      },
      metaCondition,
      {
        name: 'drain-rules',
        meaning: 'Sends events of drain rules, too, and has them in snapshots.',
        schema: onOrOff,
      },
      { name: 'lastEventId', meaning: 'The same as `Last-Event-ID`, for clients that cannot set it.', schema: page },
    ],
    headers: [{ name: 'Last-Event-ID', meaning: 'The id of the last event that the client has seen.', schema: page }],
    results: {
      200: {
        meaning: 'The stream.',
        type: 'text/event-stream',
        headers: ['Cache-Control'],
        schema: {
          type: 'string',
          contentMediaType: 'application/json',
          contentSchema: refToSchema('Event'),
        },
        example: frames,
      },
    },
    marked: true,
  },
  {
    route: 'GET /status',
    id: 'showStatus',
    tag: 'Daemon',
    summary: 'Show the daemon that is asked',
    results: {
      200: {
        meaning: 'Its status.',
        schema: 'Status',
        example: {
          ...daemonIdentity,
          cluster: 'default',
          listening: 'http://10.0.0.1:1729',
          uptime: 93000,
          ready: true,
          stale: false,
          settings: { ttl: 4000, peerTimeout: 2000 },
          counts: { registrations: 3, held: 1, backends: 1, frontends: 1, daemons: 3 },
          epoch: 0,
          catalogBytes: 941,
          memory: { rss: 91000000, heapUsed: 21000000, external: 9000000 },
          load: { overloaded: false, connections: 4, watchers: 1, refused: {} },
          time: 1767225600000,
          openFiles: { open: 31, limit: 1048576 },
          peers: [{ url: 'http://10.0.0.2:1729', reached: true }],
        },
      },
    },
    marked: false,
  },
  {
    route: 'GET /daemons',
    id: 'listDaemons',
    tag: 'Daemon',
    summary: 'List the daemons',
    results: {
      200: {
        meaning: 'The daemons that this one knows, sorted by name.',
        schema: listOf('Daemon'),
        example: [{ ...daemonIdentity, state: 'online', self: true, lastHeard: 0, linked: false, held: 1 }],
      },
    },
    marked: true,
  },
  {
    route: 'GET /whoami',
    id: 'showCaller',
    tag: 'Daemon',
    summary: 'Show what the caller may do',
    results: {
      200: {
        meaning: 'The token of the request, and its role.',
        schema: 'WhoAmI',
        example: { role: 'deploy', name: 'ci', id: 'b3Nq1x', apps: ['web-*'], tokens: true },
      },
    },
    marked: false,
  },
  {
    route: 'DELETE /daemons/:name',
    id: 'forgetDaemon',
    tag: 'Daemon',
    summary: 'Forget a lost daemon',
    notes: 'The daemon is no longer counted as a member, and no longer listed. 409 for one that is alive.',
    path: [nameOf('two')],
    headers: [idempotencyKey],
    results: { 204: { meaning: 'It is forgotten.' } },
    errors: [404, 409],
    marked: false,
  },
  {
    route: 'GET /livez',
    id: 'isLive',
    tag: 'Daemon',
    summary: 'Say whether the process serves',
    notes: 'For supervisors. Answered in every state of the daemon.',
    results: { 200: { meaning: 'It does.', schema: 'Live', example: { live: true } } },
    marked: false,
  },
  {
    route: 'GET /readyz',
    id: 'isReady',
    tag: 'Daemon',
    summary: 'Say whether the daemon knows what is online',
    notes: 'For load balancers. 503 before that, and while the daemon joins or leaves.',
    results: { 200: { meaning: 'It does.', schema: 'Ready', example: { ready: true } } },
    marked: false,
  },
  {
    route: 'GET /openapi.json',
    id: 'showDescription',
    tag: 'Pages',
    summary: 'Get this description',
    headers: kept.headers,
    results: {
      200: {
        meaning: 'The description of the API, as OpenAPI 3.1.',
        schema: { type: 'object', additionalProperties: true },
        headers: ['ETag', 'Cache-Control'],
        example: { openapi: '3.1.1' },
      },
      304: kept.notModified,
    },
    errors: [404],
    marked: true,
  },
  ...[
    {
      path: '/docs',
      type: 'text/css',
      Id: 'Docs',
      what: 'Get this description as a page',
      file: 'Get the style sheet of that page',
    },
    { path: '/ui', type: '*/*', Id: 'Dashboard', what: 'Get the dashboard', file: 'Get a file of the dashboard' },
  ].flatMap(({ path, type, Id, what, file }): Operation[] => [
    {
      route: `GET ${path}`,
      id: `show${Id}`,
      tag: 'Pages',
      summary: what,
      headers: kept.headers,
      results: {
        200: {
          meaning: 'The page.',
          type: 'text/html',
          schema: page,
          headers: ['ETag', 'Cache-Control', 'Content-Security-Policy'],
          example: '<!doctype html>',
        },
        304: kept.notModified,
      },
      errors: [404],
      marked: true,
    },
    {
      route: `GET ${path}/:file`,
      id: `show${Id}File`,
      tag: 'Pages',
      summary: file,
      notes: 'Its name has a hash of its content.',
      headers: kept.headers,
      results: {
        200: { meaning: 'The file.', type, schema: page, headers: ['ETag', 'Cache-Control'], example: '' },
        304: kept.notModified,
      },
      errors: [404],
      marked: true,
    },
  ]),
];
