/**
 * The meaning of each property, by its name: the same name means the same everywhere, unless there is a meaning for
 * `SCHEMA.NAME`, which `SCHEMAOfSomething`, `SCHEMAWithConflicts` and, for `Event`, `EventOnline` have, too. The build
 * fails for a property without one; a test finds those that no property has.
 */

import type { JsonSchema } from '@valibot/to-json-schema';
import type { JsonSchemas } from './json-schema.js';

export const meanings: Readonly<Record<string, string>> = {
  // Registrations
  resource: 'The kind of the resource.',
  id: 'Names a registration everywhere: `app/version/host/port`.',
  app: 'The name of the app.',
  version: 'The version of the app.',
  host: 'The host at which the instance is reached: an IPv4 or IPv6 address, or a DNS name. Daemons keep it in one spelling.',
  port: 'The port at which the instance is reached.',
  ttl: 'Milliseconds that the registration stays online without a renewal.',
  meta: 'Anything that callers may want to know: at most 4,096 bytes as JSON.',
  draining: 'Whether it is online, but to be left out of load balancing: a decision of an operator.',
  drainRule: 'The name of the drain rule by which it drains; absent for a drain of the instance itself.',
  drainRules: 'The drain rules, for watchers that ask for them.',
  'Event.drainRule': 'The drain rule; of a registration, the name of the one by which it drains.',
  'Explanation.drainRule': 'The name of the drain rule that drains it.',
  'DrainRule.version': 'An exact version or a semver range; absent for every version of the app.',
  'SignedDrainRule.version': 'An exact version or a semver range; absent for every version of the app.',
  'NewDrainRule.version': 'An exact version or a semver range. Default: every version of the app.',
  'DrainRuleChange.version': 'An exact version or a semver range. Null: every version of the app.',
  'SignedDrainRule.at': 'When it was changed last, in Unix ms.',
  'SignedDrainRule.author': 'Who changed it last.',
  drainUntil: 'When its drain ends by itself, in Unix ms, by the clock of the daemon that took it. Informative.',
  forMs: 'Milliseconds after which the drain ends by itself. Default: it lasts until it is undone.',
  drainReason: 'Why it drains, if a reason was given.',
  registered: 'When it was registered, in Unix ms, by the clock of the daemon that took it. Informative.',
  instance:
    'Which start of the service this is: any name, chosen once per start. Another one means that a new life begins.',
  unhealthy: 'What the failing health check said; the registration is offline, and kept. Null brings it back.',
  check: 'How the daemons probe the instance, if they do. Null ends a check.',
  renewEvery: 'Milliseconds: renew this often.',
  weight: 'The share of the requests of this instance, relative to that of the others.',
  http: 'A path: `GET` of it has to return 2xx or 3xx.',
  https: 'The same over TLS.',
  tcp: 'True: the port has to accept a connection.',
  skipVerify: 'True: any certificate is taken, for `https`.',
  interval: 'Milliseconds from one probe to the next; default 2000.',
  timeout: 'Milliseconds that a probe may take; default 1000, and at most the interval.',
  fails: 'Failures in a row after which the instance goes offline; default 3.',
  passes: 'Passes in a row after which it comes back; default 1.',
  deregisterAfter: 'Milliseconds for which an unhealthy instance is kept and probed; default a day.',
  reason: 'Why, for other operators.',
  ids: 'The registrations to renew: an id, or an id with the instance that has to be registered.',
  renewed: 'How many were renewed.',
  unknown: 'The ids that no daemon knows: register them again.',
  replaced:
    'The given instances that another one has replaced. Do not register them again: that would end the other one.',
  replacedBy: 'The id of the registration that has taken the address.',

  // Backends and frontends
  name: 'The name of the resource.',
  split: 'Exact versions and their weights. In the place of `version`.',
  'NewBackend.version': 'An exact version or a semver range. In the place of `split`.',
  'BackendChange.version': 'An exact version or a semver range. It replaces a split.',
  'BackendChange.split': 'Exact versions and their weights. It replaces a version.',
  'Backend.version': 'An exact version or a semver range.',
  backend: 'The backend: for a frontend, the name of the one that it serves.',
  warmupMs: 'How long the weight of an instance rises in four steps, in ms. In a change, null or 0 removes it.',
  routing: 'Facts for proxies. In a change, null removes them.',
  hosts: 'Host names under which callers ask. Default: the name of the frontend.',
  pathPrefix: 'The beginning of the paths. Default: all paths.',
  scheme: 'What the instances speak. Default: `http`.',
  entryPoints: 'Names of entry points in the configuration of the proxy.',
  middlewares: 'Names of middlewares in the configuration of the proxy, in the order in which they act.',
  conflict: 'Concurrent values that lost against this one, until the next change.',
  deleted: 'True: the concurrent change was a removal.',
  kind: 'What was changed: a backend, a frontend or a drain rule.',
  from: 'The value before; absent for a creation.',
  to: 'The value after; absent for a removal.',
  author: 'The name of the token, else that of `X-Bender-Author`, else the address of the client.',
  proven: 'True if a token has proven the author.',
  claimedAuthor: 'What `X-Bender-Author` said beside the token.',
  'Edit.id': 'The hash of the change, the same at every daemon.',
  'Edit.at': 'When, in Unix ms and whole seconds, by the clock of the daemon that took it.',
  'Edit.daemon': 'The name of the daemon that took the change.',
  concurrent: 'True if another daemon took a change at the same time, and neither knew of the other.',
  registration: 'The registration.',
  frontend: 'The frontend.',
  'Explanation.registration': 'The id of the instance.',
  'Explanation.frontend': 'The name of the frontend.',
  'Explanation.backend': 'The name of the backend that the frontend names, if it names one.',
  served: 'Whether callers of the frontend are sent to the instance.',
  share: 'Its part of the requests.',
  reasons: 'All that keeps callers from it.',
  'Explanation.code': 'What keeps callers from it.',
  code: 'What is wrong. Codes do not change.',
  message: 'What is wrong and what to do, for people.',
  role: 'The role that the request needs.',
  warming: 'True if the daemon has just started: instances may be missing.',
  stale: 'True if the daemon is cut off and returns its last view: instances may be gone.',

  // Daemons
  url: 'The base URL at which clients reach the daemon.',
  peerUrl: 'The one at which peers reach it, if that is another one.',
  state: '`lost`: not heard for longer than the peer timeout. `left`: it said that it stops.',
  self: 'Whether it is the daemon that answers.',
  generation: 'How often a daemon of this name has started.',
  runId: 'Identifies this start of the daemon.',
  'Daemon.version': 'The version of bender that it runs.',
  'DaemonIdentity.version': 'The version of bender that it runs.',
  'Status.version': 'The version of bender that it runs.',
  'Daemon.name': 'The name of the daemon.',
  'DaemonIdentity.name': 'The name of the daemon.',
  'Status.name': 'The name of the daemon.',
  lastHeard: 'Milliseconds since it was last heard, directly or through others.',
  linked: 'Whether the daemon that answers exchanges directly with it.',
  roundTrip: 'Milliseconds that the last exchange with it took.',
  behind: 'How many documents it may not have in their present state.',
  held: 'Registrations that the daemon holds.',
  fetchedAnew:
    'How often in a row what it holds could not be read and was fetched again. A number that grows means trouble.',
  listening: 'The URL at which it listens.',
  insecure: 'True if other machines may read and change everything without a token.',
  dns: 'Where it answers DNS.',
  'Status.host': 'The address at which it answers DNS.',
  'Status.port': 'The port at which it answers DNS.',
  domain: 'The domain of its names.',
  tls: 'How it speaks TLS.',
  expires: 'When its certificate, or that of its CA, expires: the earlier one, in Unix ms.',
  mutual: 'Whether daemons present certificates to each other.',
  clientAuth: 'Whether clients present a certificate.',
  cluster: 'The name of its cluster.',
  uptime: 'Milliseconds since the process started.',
  ready: 'Whether `/readyz` returns 200.',
  'Status.stale': 'Whether it is cut off and returns its last view.',
  settings: 'The settings that clients need to know.',
  'Status.ttl': 'Milliseconds: the TTL of registrations that name none.',
  peerTimeout: 'Milliseconds of silence after which a daemon is lost.',
  counts: 'How much there is.',
  registrations: 'The registrations that are online.',
  backends: 'The backends.',
  frontends: 'The frontends.',
  daemons: 'The daemons that are alive.',
  epoch: 'How often it has begun the document of what it holds anew.',
  catalogBytes: 'Bytes of all changes of backends, frontends and drain rules, as they are sent to peers.',
  memory: 'Bytes that the process takes.',
  rss: 'All that is in physical memory.',
  heapUsed: 'JavaScript objects.',
  external: 'Documents and buffers.',
  load: 'How busy it is.',
  overloaded: 'Whether everything but renewals is refused.',
  connections: 'Open connections.',
  watchers: 'Open event streams.',
  refused: 'How much was refused since the start, by the limit that was exceeded.',
  time: 'What the wall clock of the daemon says, in Unix ms.',
  openFiles: 'File descriptors of the process.',
  open: 'How many are open.',
  limit: 'How many there may be.',
  peers: 'The daemons that this one was told of by `--peer`.',
  'Status.self': 'True if it leads to this daemon itself only.',
  reached: 'Whether a daemon was ever reached there.',
  addresses: 'How many addresses its name has, if there are several.',
  'Status.reason': 'Why the last try failed.',
  live: 'True.',
  'Ready.ready': 'True.',
  'WhoAmI.role': 'What the caller may do. Without tokens, every caller may do everything.',
  'WhoAmI.name': 'The name of its token; absent without one.',
  'WhoAmI.id': 'The id of its token; absent without one.',
  apps: 'The patterns of the apps that the token is for; absent if it is for all.',
  tokens: 'Whether the daemon asks for tokens.',
  holder: 'The name of the daemon that holds it.',
  remaining: 'Milliseconds until it ends, unless it is renewed; absent if the holder has not said.',
  lost: 'True if the holder is lost.',
  probes: 'What the probes of its check have found.',
  passedAgo: 'Milliseconds since it passed last.',
  'Lease.fails': 'Failures in a row.',
  problem: 'What the last probe said, if it failed.',

  // Events
  type: 'What has happened.',
  at: 'The wall clock of the daemon, in Unix ms. Informative.',
  previous: 'The earlier values of the fields that have changed.',
  'Event.reason': 'Why: of `offline`, what ended it; of `updated`, what the operator said.',
  detail: 'What the health check said, if that is the reason.',
  'Event.daemon': 'The daemon.',
};

/** Gives each property of `schemas` its meaning. Throws if one has none. */
export function withMeanings(schemas: JsonSchemas, onUsed: (key: string) => void = () => undefined): JsonSchemas {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, explained(schema, name, onUsed)]));
}

function explained(schema: JsonSchema, name: string, onUsed: (key: string) => void): JsonSchema {
  const inner = (one: JsonSchema): JsonSchema => explained(one, name, onUsed);
  const meaningOf = (property: string): string => {
    const general = name.replace(/(?<=^Event)[A-Z].*$|Of[A-Z].*$|WithConflicts$/, '');
    const key = [`${name}.${property}`, `${general}.${property}`, property].find((key) => Object.hasOwn(meanings, key));
    if (key === undefined) throw new Error(`give '${name}.${property}' a meaning in src/openapi/meanings.ts`);
    onUsed(key);
    return meanings[key]!;
  };
  const result: JsonSchema = { ...schema };
  if (schema.properties)
    result.properties = Object.fromEntries(
      Object.entries(schema.properties as JsonSchemas).map(([property, one]) => {
        const described = inner(one);
        const description = [meaningOf(property), described.description].filter(Boolean).join(' ');
        return [property, { ...described, description }];
      }),
    );
  for (const key of ['anyOf', 'oneOf', 'allOf'] as const)
    if (schema[key]) result[key] = (schema[key] as JsonSchema[]).map((one) => (isShape(one) ? inner(one) : one));
  for (const key of ['items', 'additionalProperties'] as const)
    if (isShape(schema[key])) result[key] = inner(schema[key]);
  return result;
}

const isShape = (schema: unknown): schema is JsonSchema => typeof schema === 'object' && schema !== null;
