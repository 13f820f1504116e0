/** What does a renewal cost beside bare node's 204, in both forms, and by how many are online? */

import { makeCertificate } from './helpers/certificates.js';
import { numbers, register } from './helpers/instances.js';
import { underLoad, warmUp } from './helpers/load.js';
import { renew, renewOld } from './helpers/messages.js';
import { rounds, size } from './helpers/options.js';
import { startDaemon, startReference, stopAll } from './helpers/processes.js';
import { figure, progress } from './helpers/report.js';
import { Requests } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { compare } from './helpers/rounds.js';
import { makeTokensFile } from './helpers/tokens.js';

const results = new Results('renew', 'What does a renewal cost beside the 204 of bare node?');

const [few, many, most] = [size(1000, 100), size(10_000, 200), size(100_000, 300)];

const bare = await startReference('bare');
const { file, headers, remove } = makeTokensFile();
const certificate = await makeCertificate();
const [withFew, withMany, withMost, withToken, withTls] = await Promise.all([
  startDaemon(),
  startDaemon(),
  startDaemon(),
  startDaemon({ args: ['--tokens', file] }),
  startDaemon({ args: certificate.args, overTls: true }),
]);
const authorized = new Requests(withToken.port, 32, headers);
for (const [requests, live] of [
  [withFew.requests, few],
  [withMany.requests, many],
  [withMost.requests, most],
  [authorized, many],
  [withTls.requests, many],
] as const) {
  progress(`registering ${live}`);
  await register(requests, live);
}
authorized.close();

const sides = {
  bare: [bare, numbers(many).map(renewOld)],
  few: [withFew, numbers(few).map(renew)],
  many: [withMany, numbers(many).map(renew)],
  most: [withMost, numbers(most).map(renew)],
  old: [withMany, numbers(many).map(renewOld)],
  token: [withToken, numbers(many).map((index) => ({ ...renew(index), headers }))],
  tls: [withTls, numbers(many).map(renew)],
} as const;
for (const [server, messages] of Object.values(sides)) await warmUp(server, messages);
const found = await compare(
  rounds,
  Object.fromEntries(
    Object.entries(sides).map(([name, [server, messages]]) => [name, () => underLoad(server, messages)]),
  ) as Record<keyof typeof sides, () => ReturnType<typeof underLoad>>,
);
await stopAll([bare, withFew, withMany, withMost, withToken, withTls]);
remove();
certificate.remove();

const row = (label: string, { perSecond, cpu, p99 }: (typeof found)['bare']): string[] => [
  label,
  figure(perSecond),
  figure(perSecond / found.bare.perSecond),
  figure(cpu),
  figure(cpu / found.bare.cpu),
  figure(p99),
];
results.table(
  'Renewals by single requests, 32 at a time',
  ['', 'per second', 'of bare', 'µs of server CPU', 'by bare', 'p99, ms'],
  [
    row('bare node, 204 to a POST', found.bare),
    row(`PUT …/lease, ${few.toLocaleString('en')} live`, found.few),
    row(`PUT …/lease, ${many.toLocaleString('en')} live`, found.many),
    row(`PUT …/lease, ${most.toLocaleString('en')} live`, found.most),
    row(`as 0.2.1 does (POST), ${many.toLocaleString('en')} live`, found.old),
    row(`PUT …/lease with a token, ${many.toLocaleString('en')} live`, found.token),
    row(`PUT …/lease over TLS, ${many.toLocaleString('en')} live`, found.tls),
  ],
);
results.atLeast('renewals (PUT …/lease), by bare node', 0.75, found.many.perSecond / found.bare.perSecond);
results.atLeast('renewals with a token, by bare node', 0.7, found.token.perSecond / found.bare.perSecond);
results.atLeast('renewals as 0.2.1 does, by bare node', 0.75, found.old.perSecond / found.bare.perSecond);
results.atLeast('renewals at 100,000 live, by those at 1,000', 0.9, found.most.perSecond / found.few.perSecond);
results.done(found);
