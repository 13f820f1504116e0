/** How long does one request keep a daemon of 30,000 registrations from everything else? */

import { get } from 'node:http';
import { longTtl, numbers } from './helpers/instances.js';
import { rounds, size } from './helpers/options.js';
import { figure, progress } from './helpers/report.js';
import { inParallel, wait } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { median } from './helpers/statistics.js';
import { afterwardsMs, type LongestTurn, startProbed } from './helpers/turns.js';

const results = new Results('turns', 'How long does one request keep a daemon from everything else?');

const live = size(30_000, 600);
const edits = size(5000, 200);
/** Ids in one request: the most that are taken. */
const idsAtOnce = size(10_000, 300);

const daemon = await startProbed(['--max-catalog-writes', '100000']);

async function ask(method: string, path: string, body?: unknown): Promise<string> {
  const answer = await daemon.requests.send(method, path, body);
  if (answer.status === 503) {
    // The machine is busy with something else.
    await wait(100);
    return ask(method, path, body);
  }
  if (answer.status >= 300 && method !== 'DELETE' && !expectsRefusal.has(path))
    throw new Error(`${method} ${path} answers ${answer.status}: ${answer.body.slice(0, 200)}`);
  return answer.body;
}

/** Paths of which nobody knows what they name. */
const expectsRefusal = new Set(['/renewals', '/registrations/web/1.0.0/none/80/lease']);

/** All of one version of one app, which is more work than any other shape. */
const idOf = (index: number): string => `web/1.0.0/10.0.${index >> 8}.${index & 255}/8080`;
const ids = numbers(live).map(idOf);
const options = { ttl: longTtl, meta: { zone: 'a', build: '2026-11-25T10:00:00Z' } };

progress(`registering ${live}`);
await inParallel(live, 64, (index) => ask('POST', `/registrations/${ids[index]!}`, options));

progress(`${edits} edits of the catalog`);
for (const name of ['exact', 'range', 'split', 'edited'])
  await ask('POST', '/backends', { name, app: 'web', version: '1.0.0' });
await ask('PUT', '/backends/range', { version: '^1.0.0' });
await ask('PUT', '/backends/split', { split: { '1.0.0': 90 } });
await ask('POST', '/frontends', { name: 'front', backend: 'exact' });
let edited = 0;
const edit = (): Promise<unknown> => ask('PUT', '/backends/edited?force=true', { version: `2.0.${edited++}` });
await inParallel(edits, 16, edit);

/** Another answer to every look-up from now on. */
let changes = 0;
const change = (): Promise<unknown> =>
  ask('POST', `/registrations/${ids[0]!}`, { ...options, meta: { change: changes++ } });

/** A stream of events, until its snapshot is there, or so many events. */
const watch = (query: string, events = 1): Promise<unknown> =>
  new Promise<void>((resolve, reject) => {
    get(`${daemon.url}/events${query}`, (response) => {
      // It begins with how soon to connect again.
      let [missing, last] = [events + 1, ''];
      response.setEncoding('utf8').on('data', (text: string) => {
        missing -= (last + text).split('\n\n').length - 1;
        last = /(?<!\n)\n$/.test(text) ? '\n' : '';
        if (missing > 0) return;
        response.destroy();
        resolve();
      });
    }).on('error', reject);
  });

let position = 0;
let runId = '';
/** As many events as are kept, from here on. */
async function miss(): Promise<void> {
  const status = JSON.parse(await ask('GET', '/status')) as { runId: string };
  runId = status.runId;
  position = await lastPosition();
  await inParallel(missed, 64, (index) =>
    ask('POST', `/registrations/${ids[index]!}`, { ...options, meta: { missed: position } }),
  );
}
const missed = size(9000, 100);

const lastPosition = (): Promise<number> =>
  new Promise((resolve, reject) => {
    get(`${daemon.url}/events?app=nothing`, (response) => {
      response.setEncoding('utf8').on('data', (text: string) => {
        const id = /^id: .*:(\d+)$/m.exec(text);
        if (!id) return;
        response.destroy();
        resolve(Number(id[1]));
      });
    }).on('error', reject);
  });

interface Question {
  what: string;
  before?: () => Promise<unknown>;
  ask: () => Promise<unknown>;
}

const one = `/registrations/${ids[1]!}`;
const list = (path: string, what = 'after a change'): Question => ({
  what: `GET ${path}, ${what}`,
  before: change,
  ask: () => ask('GET', path),
});
const plain = (method: string, path: string, body?: unknown, what = ''): Question => ({
  what: `${method} ${path.replace(one, '/registrations/:app/:version/:host/:port')}${what}`,
  ask: () => ask(method, path, body),
});
const unknown = numbers(idsAtOnce).map((index) => `unknown/1.0.0/h${index}/80`);
let named = 0;

const questions: Question[] = [
  { what: 'nothing', ask: () => Promise.resolve() },
  list('/registrations'),
  list('/registrations/web'),
  list('/registrations/web/1.0.0'),
  list('/registrations/web/%5E1.0.0'),
  list('/registrations?meta.zone=a'),
  plain('GET', one),
  plain('POST', one, options),
  plain('PUT', `${one}/lease`),
  plain('PUT', `${one}/state`, { draining: true }),
  plain('PUT', `${one}/state`, { draining: false }),
  plain('PUT', `${one}/health`, { unhealthy: 'as it is' }),
  plain('PUT', `${one}/health`, { unhealthy: null }),
  plain('DELETE', one),
  plain('POST', one, options, ', after that'),
  plain('POST', '/renewals', { ids: ids.slice(0, idsAtOnce) }, `, ${idsAtOnce.toLocaleString('en')} ids`),
  plain('POST', '/renewals', { ids: unknown }, ', as many unknown ones'),
  plain('POST', '/renewals', `{"ids":[${'1,'.repeat(size(1_000_000, 10_000))}1]}`, ', a million wrong ones'),
  { what: 'GET /events, the first look after a change', before: change, ask: () => watch('') },
  {
    what: 'GET /events?meta.zone=a, the first look',
    before: change,
    ask: () => watch('?meta.zone=a'),
  },
  {
    what: `GET /events, resumed ${missed.toLocaleString('en')} events ago`,
    before: miss,
    ask: () => watch(`?lastEventId=${runId}:${position}`, missed),
  },
  list('/backends/exact/registrations'),
  list('/backends/range/registrations'),
  list('/backends/split/registrations'),
  list('/frontends/front/registrations'),
  {
    what: 'POST /backends',
    ask: () => ask('POST', '/backends', { name: `new-${named++}`, app: 'web', version: '1.0.0' }),
  },
  { what: 'GET /backends, after an edit', before: edit, ask: () => ask('GET', '/backends') },
  plain('GET', '/backends/exact'),
  {
    what: 'PUT /backends/:name',
    before: edit,
    ask: () => ask('PUT', '/backends/edited', { version: '1.0.0' }),
  },
  {
    what: 'POST /backends/:name/rollback',
    before: edit,
    ask: () => ask('POST', '/backends/edited/rollback?force=true'),
  },
  plain('PUT', '/frontends/front', { backend: 'range' }),
  {
    what: 'GET /history?limit=10000, after an edit',
    before: edit,
    ask: () => ask('GET', '/history?limit=10000'),
  },
  {
    what: 'GET /history?backend=edited, after an edit',
    before: edit,
    ask: () => ask('GET', '/history?backend=edited'),
  },
  { what: 'GET /status, after an edit', before: edit, ask: () => ask('GET', '/status') },
  plain('GET', '/daemons'),
  plain('DELETE', '/daemons/nobody'),
  plain('GET', '/livez'),
  plain('GET', '/readyz'),
];

progress('the first look at the history');
const history = await daemon.longestTurn(() => ask('GET', '/history?limit=10000'));

const found: { what: string; turns: LongestTurn[] }[] = [
  { what: 'GET /history?limit=10000, for the first time', turns: [history] },
];
for (const question of questions) {
  progress(question.what);
  const turns: LongestTurn[] = [];
  for (let round = 0; round < rounds; round++) {
    await question.before?.();
    turns.push(await daemon.longestTurn(question.ask));
  }
  found.push({ what: question.what, turns });
}
await daemon.stop();

const cpu = (turns: readonly LongestTurn[]): number[] => turns.map((turn) => turn.cpu);
results.table(
  `${live.toLocaleString('en')} registrations of one version of one app, a catalog of ${edits.toLocaleString('en')} edits; ms of the longest turn of the event loop from a request to ${afterwardsMs} ms after its answer, ${rounds} times each`,
  ['', 'of CPU, median', 'longest', 'by the clock, median'],
  found.map(({ what, turns }) => [
    what.replaceAll('|', '\\|'),
    figure(median(cpu(turns))),
    figure(Math.max(...cpu(turns))),
    figure(median(turns.map(({ wall }) => wall))),
  ]),
);
results.atMost(
  'longest turn by any route, ms of CPU, median',
  50,
  Math.max(...found.map(({ turns }) => median(cpu(turns)))),
  'ms',
);
results.done(found);
