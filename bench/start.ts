/** How long until a daemon answers, and until a command is done, by the start of Node itself? */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { size } from './helpers/options.js';
import { program, startDaemon } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import { Results } from './helpers/results.js';
import { interleave } from './helpers/rounds.js';
import { median } from './helpers/statistics.js';

const results = new Results('start', 'How long until a daemon answers, and until a command is done?');

const server = await startDaemon();
const env = { ...process.env, NODE_ENV: 'production', BENDER_SERVER: server.url };

/** ms until a command has ended. */
async function run(...args: string[]): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`${args.join(' ')} ends with ${code}`);
  return performance.now() - begun;
}

/** ms until a daemon that was started has answered. */
async function serve(): Promise<number> {
  const begun = performance.now();
  const daemon = await startDaemon();
  await daemon.requests.send('GET', '/livez');
  const ms = performance.now() - begun;
  await daemon.stop();
  return ms;
}

const request = `require('http').get('${server.url}/registrations', (response) => response.resume())`;
const found = await interleave(size(15, 1), {
  node: () => run('-e', '0'),
  get: () => run('-e', request),
  serve,
  ls: () => run(program, 'ls'),
  resolve: () => run(program, 'daemons'),
});
await server.stop();

const labels = {
  node: '`node -e 0`',
  get: '`node -e` with one GET',
  serve: '`bender serve` to its first answer',
  ls: '`bender ls`',
  resolve: '`bender daemons`',
};
const node = median(found.node!);
results.table(
  'From the start of the process, ms',
  ['', 'median', 'by `node -e 0`'],
  Object.entries(labels).map(([name, label]) => {
    const ms = median(found[name]!);
    return [label, figure(ms), figure(ms / node)];
  }),
);
results.atMost('`bender serve` to its first answer, by `node -e 0`', 3.4, median(found.serve!) / node);
results.atMost('`bender ls`, by `node -e 0`', 2.4, median(found.ls!) / node);
results.done(found);
