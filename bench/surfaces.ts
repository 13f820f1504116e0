/** What does a repeated answer of each surface cost beside bare node sending a prepared body as long? */

import { longTtl, numbers } from './helpers/instances.js';
import { type Throughput, underLoad, warmUp } from './helpers/load.js';
import { rounds, size } from './helpers/options.js';
import { eventually, type ServerProcess, startDaemon, status, startReference, stopAll } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import type { Message } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { compare } from './helpers/rounds.js';

const results = new Results('surfaces', 'What does a repeated answer of each surface cost?');

/** Of one app version, which a backend and a frontend stand for. */
const live = size(1000, 50);

/** What a client of each surface asks again and again. */
const questions: Record<string, Message> = {
  'Prometheus, targets of an app': { method: 'GET', path: '/sd/prometheus?app=web' },
  'Eureka, instances of all apps': { method: 'GET', path: '/eureka/apps' },
  'Traefik, the whole configuration': { method: 'GET', path: '/traefik' },
  'Envoy, endpoints of a frontend': {
    method: 'POST',
    path: '/v3/discovery:endpoints',
    body: JSON.stringify({ resource_names: ['www'] }),
  },
  'Consul, instances of a service': { method: 'GET', path: '/v1/health/service/web?passing=true' },
};

const daemon = await startDaemon();
// Surfaces answer once it knows what is online.
await eventually(async () => (await status(daemon)).ready);
const post = (path: string, body: unknown): Promise<unknown> => daemon.requests.send('POST', path, body);
for (const index of numbers(live))
  await post('/registrations', {
    ...{ app: 'web', version: '1.0.0', host: `10.0.${index >> 8}.${index & 255}`, port: 8080, ttl: longTtl },
    meta: { zone: `eu-${index % 3}` },
  });
await post('/backends', { name: 'web', app: 'web', version: '1.0.0' });
await post('/frontends', { name: 'www', backend: 'web' });

const rows: string[][] = [];
const all: Record<string, Throughput> = {};
for (const [what, message] of Object.entries(questions)) {
  const { body } = await daemon.requests.send(message.method, message.path, message.body);
  const bare: ServerProcess = await startReference('bare', body.length);
  const prepared = [{ method: 'GET', path: '/' } as const];
  await warmUp(daemon, [message]);
  await warmUp(bare, prepared);
  const found = await compare(Math.min(rounds, 3), {
    surface: () => underLoad(daemon, [message]),
    prepared: () => underLoad(bare, prepared),
  });
  await stopAll([bare]);
  const { surface, prepared: reference } = found;
  const [perSecond, cpu] = [surface.perSecond / reference.perSecond, reference.cpu / surface.cpu];
  rows.push([
    what,
    `${figure(body.length / 1000)} KB`,
    figure(surface.perSecond),
    figure(perSecond),
    figure(surface.cpu),
  ]);
  // The generator reads both as fast as it can, so that the processor time says more than the count for long bodies.
  results.atLeast(`${what}, by a prepared body`, 0.5, Math.min(perSecond, cpu));
  all[what] = surface;
}
await stopAll([daemon]);

results.table(
  `${live.toLocaleString('en')} instances, 32 at a time`,
  ['', 'answer', 'per second', 'of bare', 'µs of server CPU'],
  rows,
);
results.done(all);
