/** Two versions in one cluster: the daemons of the previous release become those of this one, one at a time. */

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from '../../src/client/client.js';
import type { Lease } from '../../src/client/lease.js';
import type { SeenEvent } from '../../src/client/picture.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { buildPrevious, whyNoPrevious } from '../helpers/previous-release.js';

const missing = whyNoPrevious();
if (missing !== undefined) process.stderr.write(`skipped, the upgrade from the previous release: ${missing}\n`);
const test = missing === undefined ? it : it.skip;

let previous: ReturnType<typeof buildPrevious> | undefined;
const daemons: RunningDaemon[] = [];
const leases: Lease[] = [];
const watching = new AbortController();
beforeAll(() => {
  if (missing === undefined) previous = buildPrevious();
});
afterAll(async () => {
  watching.abort();
  await Promise.all(leases.map((lease) => lease.stop()));
  await stopDaemons();
  previous?.remove();
});

const names = ['a', 'b', 'c'];

/** Starts daemon number `at`, of the release whose program is given; by default of this one. */
async function start(at: number, program?: string): Promise<void> {
  const others = daemons.filter((_, index) => index !== at).map(({ url }) => url);
  const port = daemons[at] ? Number(new URL(daemons[at].url).port) : 0;
  const args = ['--name', names[at]!, '--warm-for', '0'];
  daemons[at] = await startDaemon({ port, peers: others, args, ...(program !== undefined && { program }) });
}

/** All three know each other in their present runs, and all that is registered. */
async function settled(registrations: number): Promise<void> {
  const asked = daemons.map(({ url }) => new Client({ servers: [url], trusted: true }));
  await eventually(
    async () => {
      const runs = await Promise.all(asked.map(async (client) => (await client.status()).runId));
      for (const client of asked) {
        const seen = (await client.daemons()).filter(({ state }) => state === 'online').map(({ runId }) => runId);
        expect(seen.sort()).toEqual([...runs].sort());
        expect(await client.registrations({ app: 'web' })).toHaveLength(registrations);
        expect((await client.status()).ready).toBe(true);
      }
      return true;
    },
    { withinMs: 30_000 },
  );
}

/** What a watcher is told that begins at one daemon and goes over to others. */
function watch(first: number, seen: SeenEvent[]): void {
  const urls = daemons.map(({ url }) => url);
  const client = new Client({ servers: [...urls.slice(first), ...urls.slice(0, first)] });
  void (async () => {
    for await (const event of client.changes({ app: 'web' }, { signal: watching.signal })) seen.push(event);
  })().catch(() => undefined);
}

test('nothing that renews goes offline while daemons are upgraded, put back and upgraded again', async () => {
  const { program } = previous!;
  for (const at of names.keys()) await start(at, program);
  const servers = daemons.map(({ url }) => url);
  for (let port = 1; port <= 9; port++) {
    const from = [...servers.slice(port % 3), ...servers.slice(0, port % 3)];
    const lease = new Client({ servers: from }).hold({ app: 'web', version: '1', host: '10.0.0.5', port, ttl: 4000 });
    leases.push(lease);
    await lease.ready;
  }
  await settled(9);
  const ofCatalog = (at: number) => new Client({ servers: [servers[at]!] });
  await ofCatalog(0).createBackend({ name: 'web', app: 'web', version: '1' });
  await ofCatalog(1).setState({ app: 'web', version: '1', host: '10.0.0.5', port: 1 }, { draining: true, reason: 'x' });
  await eventually(async () => (await ofCatalog(2).registrations({ app: 'web' })).some(({ draining }) => draining));

  const seen: SeenEvent[][] = [[], [], []];
  for (const at of names.keys()) watch(at, seen[at]!);

  const routing = { hosts: ['www.example.com'] };
  /** An older daemon that changes a backend loses nothing of it that it does not know. */
  const keepsRouting = async (name: string): Promise<void> => {
    const [newer, older] = [ofCatalog(0), ofCatalog(2)];
    await newer.createBackend({ name, app: 'api', version: '1', routing });
    await eventually(async () => (await older.backends()).some((backend) => backend.name === name));
    await older.updateBackend(name, { version: '2' }, { atLeast: 0 });
    await eventually(async () => (await newer.backend(name)).version === '2');
    expect(await newer.backend(name)).toMatchObject({ version: '2', routing });
  };

  /** Older daemons keep a drain rule, and do not follow it. */
  const rulesAt = async (at: number) =>
    (await ofCatalog(at).drainRules.list()).map(({ name, author }) => [name, author]);
  const api = { app: 'api', version: '1', host: '10.0.0.6', port: 1, ttl: 600_000 };
  const drainsAt = async (at: number) => (await ofCatalog(at).registrations({ app: 'api' })).map((one) => one.draining);
  const makesRule = async (): Promise<void> => {
    const jane = new Client({ servers: [servers[0]!], author: 'jane' });
    await jane.drainRules.create({ name: 'kept', app: 'api' });
    expect(await rulesAt(2)).toEqual([]);
    await ofCatalog(2).register(api);
    await eventually(async () => (await drainsAt(0)).length === 1);
    expect([await drainsAt(0), await drainsAt(2)]).toEqual([[true], [false]]);
  };

  // The second step back is that of an operator who is not satisfied.
  const steps: [at: number, program?: string][] = [[0], [0, program], [0], [1], [2]];
  for (const [step, [at, ofRelease]] of steps.entries()) {
    await daemons[at]!.stop();
    await start(at, ofRelease);
    await settled(9);
    if (at === 0 && ofRelease === undefined) await keepsRouting(`api${step}`);
    if (step === 0) await makesRule();
  }

  // For a while only older daemons had it.
  for (const at of names.keys()) {
    expect(await rulesAt(at)).toEqual([['kept', 'jane']]);
    expect(await drainsAt(at)).toEqual([true]);
  }

  // What one release has written, the other has read, and what was decided still holds.
  await ofCatalog(2).createFrontend({ name: 'www', backend: 'web' });
  for (const at of names.keys()) await eventually(async () => (await ofCatalog(at).resolve('www')).length === 8);
  expect(seen).toEqual([[], [], []]);
  // The watchers do see what happens.
  await leases.pop()!.stop();
  await eventually(() => seen.every((each) => each.length === 1 && each[0]!.type === 'offline'));
}, 180_000);
