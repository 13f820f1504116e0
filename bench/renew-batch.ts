/** What does renewing a thousand at once cost? */

import { numbers, register } from './helpers/instances.js';
import { underLoad, warmUp } from './helpers/load.js';
import { renewAll } from './helpers/messages.js';
import { rounds, size } from './helpers/options.js';
import { startDaemon } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import { Results } from './helpers/results.js';
import { compare } from './helpers/rounds.js';

const results = new Results('renew-batch', 'What does renewing a thousand at once cost?');

const live = size(10_000, 2000);
const sizes = [100, 1000] as const;

const daemon = await startDaemon();
await register(daemon.requests, live);
const messages = sizes.map((each) => numbers(live / each).map((batch) => renewAll(numbers(each, batch * each))));
for (const all of messages) await warmUp(daemon, all);
const [small, large] = [() => underLoad(daemon, messages[0]!), () => underLoad(daemon, messages[1]!)];
const found = await compare(rounds, { small, large });
await daemon.stop();

results.table(
  `POST /renewals, ${live.toLocaleString('en')} live, 32 at a time`,
  ['ids', 'requests per second', 'renewals per second', 'renewals per s of server CPU'],
  sizes.map((each, index) => {
    const { perSecond, cpu } = index === 0 ? found.small : found.large;
    return [each.toLocaleString('en'), figure(perSecond), figure(perSecond * each), figure((1e6 / cpu) * each)];
  }),
);
results.atLeast('renewals in batches of 1,000, per second', 500_000, found.large.perSecond * 1000, '/s');
results.done(found);
