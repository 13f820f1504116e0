/** Every command, at a daemon whose answers carry what a terminal would obey: nothing of it comes out raw. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from '../helpers/cli.js';
import type { Answerer } from '../helpers/fake-daemon.js';
import { FakeDaemon, json } from '../helpers/fake-daemon.js';

const hostile = '\u001b[2J\u009b31m\u202eEVIL\u200b\u2028\t\r\nforged';
/** What may stand in an output: neither control or format characters nor separators, but the ends of its lines. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

const registration = {
  resource: 'Registration',
  id: `${hostile}/${hostile}/${hostile}/80`,
  app: hostile,
  version: hostile,
  host: hostile,
  port: 80,
  ttl: 4000,
  renewEvery: 1333,
  meta: { [hostile]: hostile, list: [hostile], deep: { [hostile]: hostile } },
  draining: true,
  drainReason: hostile,
  drainRule: hostile,
  registered: 0,
  weight: 1,
};
const losing = { deleted: true };
const backend = { resource: 'Backend', name: hostile, app: hostile, version: hostile };
const shared = { resource: 'Backend', name: hostile, app: hostile, split: { [hostile]: 1 } };
const frontend = { resource: 'Frontend', name: hostile, backend: hostile };
const drainRule = { resource: 'DrainRule', name: hostile, app: hostile, version: hostile, reason: hostile };
const daemon = {
  ...{ name: hostile, url: hostile, state: hostile, self: false, generation: 1, runId: hostile },
  ...{ version: hostile, lastHeard: 1, linked: true, roundTrip: 1, behind: 0, held: 1 },
};
const edit = { id: hostile, at: 0, author: hostile, daemon: hostile, kind: 'backend', name: hostile };
const counts = { registrations: 1, held: 1, backends: 1, frontends: 1, daemons: 1 };
const status = {
  ...{ name: hostile, url: hostile, version: hostile, cluster: hostile, generation: 1, runId: hostile },
  ...{ uptime: 1, ready: true, stale: true, settings: { ttl: 1, peerTimeout: 1 }, counts },
  ...{ catalogBytes: 1, memory: { rss: 1, heapUsed: 1, external: 1 } },
};
const events = [
  { type: 'snapshot', registrations: [], backends: [], frontends: [], daemons: [] },
  { type: 'online', registration },
  { type: 'updated', registration, previous: { meta: {}, draining: false }, reason: hostile },
  { type: 'offline', registration, reason: hostile },
  ...[backend, shared].map((one) => ({ type: 'backend-updated', backend: one })),
  { type: 'frontend-created', frontend },
  { type: 'drain-rule-created', drainRule },
  { type: 'daemon-online', daemon },
];

/** Everything that there is, by what its path begins with; the first that fits. */
const answers: [method: string, path: RegExp, body: unknown][] = [
  ['GET', /^\/backends\/[^/]+\/registrations/, [registration]],
  ['GET', /^\/frontends\/[^/]+\/registrations/, [registration]],
  ['GET', /^\/backends$/, [backend, shared]],
  ['GET', /^\/frontends$/, [frontend]],
  ['GET', /^\/drain-rules/, [{ ...drainRule, app: 'web', author: hostile, at: 0 }]],
  ['GET', /^\/registrations\?state=unhealthy/, [{ ...registration, unhealthy: hostile }]],
  ['GET', /^\/registrations/, [registration]],
  ['GET', /^\/daemons/, [daemon]],
  [
    'GET',
    /^\/history/,
    [
      { ...edit, from: backend, to: shared },
      { ...edit, kind: 'drain-rule', to: drainRule },
      { ...edit, concurrent: true },
    ],
  ],
  ['GET', /^\/status/, status],
  ['GET', /^\/whoami/, { role: hostile, name: hostile, id: hostile, apps: [hostile], tokens: true }],
  [
    'GET',
    /^\/explain/,
    { registration: hostile, frontend: hostile, served: false, share: 0, reasons: [{ message: hostile }] },
  ],
  ['', /^\/registrations/, registration],
  ['', /^\/renewals/, { renewed: [], unknown: [] }],
  ['', /^\/backends/, { ...shared, conflict: [backend, losing] }],
  ['', /^\/drain-rules/, drainRule],
  ['', /^\/frontends/, { ...frontend, conflict: [frontend, losing] }],
];

const answer: Answerer = ({ method, path }, response) => {
  if (path.startsWith('/events')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    events.forEach((event, at) =>
      response.write(`id: r-${at}\nevent: ${event.type}\ndata: ${JSON.stringify({ ...event, at })}\n\n`),
    );
    return;
  }
  const body = answers.find(([its, paths]) => (its === '' || its === method) && paths.test(path))?.[2];
  json(200, body)({ method, path, headers: {}, body: undefined }, response);
};

let fake: FakeDaemon;
let folder: string;
beforeAll(async () => {
  fake = await FakeDaemon.start(answer);
  folder = await mkdtemp(join(tmpdir(), 'bender-hostile-'));
  await writeFile(join(folder, 'catalog'), 'backends:\n  - {name: web, app: web, version: 1}\n');
  const snapshot = { format: 1, backends: [], frontends: [], registrations: [] };
  await writeFile(join(folder, 'snapshot'), JSON.stringify(snapshot));
  await writeFile(join(folder, 'template'), '{% for one in registrations %}{{ one.port }}{% endfor %}');
});
afterAll(async () => {
  await fake.stop();
  await rm(folder, { recursive: true });
});

const id = 'web/1/10.0.0.1/80';
const address = ['--app', 'web', '--version', '1', '--host', '10.0.0.1', '--port', '80'];
/** For each command, how it is called; none for those that show nothing of a daemon. */
const calls: Record<string, string[][]> = {
  apply: [['--file', 'catalog', '--prune', '--force']],
  backends: [[], ['-o', 'name'], ['-o', 'wide']],
  'backends:create': [['web', '--app', 'web', '--version', '1']],
  'backends:rm': [['web']],
  'backends:show': [['web']],
  'backends:update': [['web', '--version', '2']],
  completion: [],
  // What these show is in a file of the user's.
  context: [],
  'context:rm': [],
  'context:set': [],
  'context:use': [],
  daemons: [[]],
  'daemons:forget': [['d']],
  deploy: [
    ['web', '--version', '2', '--force'],
    ['web', '--version', '2', '--timeout', '1s'],
  ],
  'ca:init': [],
  'ca:issue': [],
  // Its daemons and services are its own.
  demo: [],
  deregister: [[id]],
  doctor: [[]],
  drain: [[id], ['--app', 'web'], ['--app', 'web', '--rule', '--reason', 'x']],
  explain: [[id, '--frontend', 'www']],
  export: [[]],
  frontends: [[]],
  'frontends:create': [['www', '--backend', 'web']],
  'frontends:rm': [['www']],
  'frontends:rollback': [['www']],
  'frontends:show': [['www']],
  'frontends:update': [['www', '--backend', 'web']],
  help: [],
  history: [[]],
  ls: [[], ['-o', 'name'], ['-o', 'wide'], ['--unhealthy'], ['backends'], ['frontends'], ['rules'], ['daemons']],
  register: [address, ['--print', 'id', ...address]],
  renew: [[id]],
  resolve: [['www'], ['www', '--one']],
  rollback: [['web']],
  serve: [],
  'snapshot:restore': [['snapshot', '--yes', '--prune', '--force', '--registrations']],
  'snapshot:save': [['-', '--registrations']],
  status: [[], ['--cluster']],
  stop: [],
  template: [
    ['template', 'rendered', '--once'],
    ['template', '--dry-run', '--json'],
  ],
  'token:create': [],
  'token:ls': [],
  'token:rm': [],
  undrain: [
    ['--app', 'web'],
    ['--app', 'web', '--rule'],
  ],
  version: [],
  wait: [['--app', 'web', '--timeout', '1s']],
  watch: [['--count', '8']],
  whoami: [[]],
};

it('has a call for each command that there is', async () => {
  const { commands } = JSON.parse(await readFile(join(import.meta.dirname, '../../oclif.manifest.json'), 'utf8')) as {
    commands: object;
  };
  expect(Object.keys(calls).sort()).toEqual(Object.keys(commands).sort());
});

const forPeople = Object.entries(calls).flatMap(([command, each]) =>
  each.map((args): [string, string[]] => [command, args]),
);
// One for each way in which JSON is printed.
const asJson = ['ls', 'register', 'watch'].map((command): [string, string[]] => [
  command,
  [...calls[command]![0]!, '--json'],
]);

it.each([...forPeople, ...asJson])('%s %j shows nothing raw', async (command, args) => {
  const { stdout, stderr } = await run([...command.split(':'), ...args], { server: fake.url, cwd: folder });
  for (const line of `${stdout}\n${stderr}`.split('\n')) {
    expect(line).not.toMatch(hidden);
    expect(line).not.toMatch(/^forged/);
  }
  expect(stderr).not.toMatch(/is not a function|Cannot read/);
});

it.each(['ls', 'register', 'template', 'wait', 'watch'])('%s shows nothing raw of an error either', async (command) => {
  const daemon = await FakeDaemon.start(json(404, { code: 'NOT_FOUND', message: hostile.repeat(50) }));
  const { stderr, exitCode } = await run([...command.split(':'), ...calls[command]![0]!], {
    server: daemon.url,
    cwd: folder,
  });
  await daemon.stop();
  expect(exitCode).toBe(4);
  for (const line of stderr.split('\n')) expect(line).not.toMatch(hidden);
  expect(stderr).toContain('\\x1b[2J');
  expect(stderr.length).toBeLessThan(2000);
});
