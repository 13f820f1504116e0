/** What can one Node process do? The limits that the ratios of the other benchmarks are of. */

import { numbers } from './helpers/instances.js';
import { warmUp, underLoad } from './helpers/load.js';
import { look, preparedBody, renewOld } from './helpers/messages.js';
import { type ReferenceKind, startReference, stopAll } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import { Results } from './helpers/results.js';
import { compare } from './helpers/rounds.js';
import { rounds } from './helpers/options.js';

const results = new Results('references', 'What can one Node process do?');

const kinds: Record<ReferenceKind, string> = {
  bare: 'node:http',
  express: 'Express 5',
  matching: 'Express 5, matching prototypes',
};
const messages = { post: numbers(1000).map(renewOld), get: numbers(1000).map(look) };

const servers = await Promise.all(
  Object.keys(kinds).map((kind) => startReference(kind as ReferenceKind, preparedBody)),
);
for (const server of servers) for (const each of Object.values(messages)) await warmUp(server, each);

const sides = Object.keys(kinds).flatMap((kind, index) =>
  Object.entries(messages).map(([what, each]) => [`${kind} ${what}`, () => underLoad(servers[index]!, each)] as const),
);
const found = await compare(rounds, Object.fromEntries(sides));
await stopAll(servers);

const cells = (side: string, reference: string): string[] => {
  const { perSecond, cpu } = found[side]!;
  return [figure(perSecond), figure(perSecond / found[reference]!.perSecond), figure(cpu)];
};
results.table(
  'Requests per second, by those of bare node, and µs of server CPU per request',
  ['', '204 to a POST', 'of bare', 'µs', 'a prepared body of ten', 'of bare', 'µs'],
  Object.entries(kinds).map(([kind, label]) => [
    label,
    ...cells(`${kind} post`, 'bare post'),
    ...cells(`${kind} get`, 'bare get'),
  ]),
);
results.done(found);
