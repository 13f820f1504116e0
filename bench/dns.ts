/** How many questions does one core answer by DNS? */

import { encodeQuery } from '../test/helpers/dns-client.js';
import { underDnsLoad } from './helpers/dns-load.js';
import { longTtl, numbers } from './helpers/instances.js';
import { rounds, seconds, size } from './helpers/options.js';
import { eventually, startDaemon, status, stopAll } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import { Results } from './helpers/results.js';
import { compare } from './helpers/rounds.js';

const results = new Results('dns', 'How many questions does one core answer by DNS?');

const daemon = await startDaemon({ args: ['--dns-port', '0'] });
await eventually(async () => (await status(daemon)).ready);
const { port } = (await status(daemon)).dns!;
const many = size(1000, 50);
const online = (app: string, index: number): Promise<unknown> =>
  daemon.requests.send('POST', '/registrations', {
    ...{ app, version: '1.0.0', host: `10.0.${index >> 8}.${index & 255}`, port: 8080, ttl: longTtl },
  });
for (const index of numbers(10)) await online('web', index);
for (const index of numbers(many)) await online('many', index);

const server = { port, pid: daemon.pid };
const ask = (name: string, type: 'A' | 'SRV', udpSize?: number) => () =>
  underDnsLoad(server, encodeQuery({ name, type, ...(udpSize && { udpSize }) }), seconds);
const tenServices = ask('_web._tcp.app.bender', 'SRV', 1232);
await tenServices();
const found = await compare(Math.min(rounds, 3), {
  services: tenServices,
  addresses: ask('web.app.bender', 'A'),
  large: ask('many.app.bender', 'A', 8192),
});
await stopAll([daemon]);

const row = (what: string, { perSecond, cpu, bytes }: (typeof found)['services']): string[] => [
  what,
  figure(bytes),
  figure(perSecond),
  figure(cpu),
  figure(1e6 / cpu),
];
results.table(
  'Questions by UDP, 64 at a time, from a generator in one process',
  ['', 'bytes of the answer', 'per second', 'µs of server CPU', 'per second of one core'],
  [
    row('10 SRV with their addresses', found.services),
    row('10 A', found.addresses),
    row(`A of ${many.toLocaleString('en')}, as many as 8 KB have room for`, found.large),
  ],
);
results.atLeast('DNS, 10 SRV with their addresses, by one core', 15_000, 1e6 / found.services.cpu, '/s');
results.done(found);
