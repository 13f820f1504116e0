import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '../../src/client/client.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

const host = '10.0.0.1';
const web = (port: number) => ({ app: 'web', version: '1.0.0', host, port });
const idOf = (port: number) => `web/1.0.0/${host}/${port}`;

let daemons: RunningDaemon[];
let clients: Client[];
/** What each daemon's event stream has said of each instance since the start. */
const stories: Map<string, string[]>[] = [];

const watching = new AbortController();

async function follow(client: Client): Promise<void> {
  const story = new Map<string, string[]>();
  stories.push(story);
  let ready!: () => void;
  const connected = new Promise<void>((resolve) => (ready = resolve));
  const events = client.events({ app: 'web' }, { signal: watching.signal });
  void (async () => {
    for await (const { event } of events) {
      if (event.type === 'snapshot') ready();
      if (event.type !== 'online' && event.type !== 'offline') continue;
      const told = event.type === 'offline' ? `offline ${event.reason}` : 'online';
      story.set(event.registration.id, [...(story.get(event.registration.id) ?? []), told]);
    }
  })().catch(() => undefined);
  await connected;
}

const told = (port: number, expected: string[]) => {
  const toldBy = () => stories.map((story) => (story.get(idOf(port)) ?? []).join());
  return eventually(() => toldBy().every((story) => story === expected.join()), { withinMs: 20_000 }).catch(
    (cause: unknown) => {
      throw new Error(`of ${port}: ${JSON.stringify(toldBy())} instead of ${expected.join()}`, { cause });
    },
  );
};

beforeAll(async () => {
  const first = await startDaemon();
  const second = await startDaemon({ peers: [first.url] });
  const third = await startDaemon({ peers: [second.url] });
  daemons = [first, second, third];
  clients = daemons.map(({ url }) => new Client({ servers: [url] }));
  await eventually(async () => {
    const known = await Promise.all(clients.map((client) => client.daemons()));
    return known.every((list) => list.filter(({ state }) => state === 'online').length === 3);
  });
  await Promise.all(clients.map(follow));
});
afterAll(async () => {
  watching.abort();
  await stopDaemons();
});

describe('three daemons that were each told of one', () => {
  it('show everywhere what is registered at any of them, and its expiry once', async () => {
    for (const [index, client] of clients.entries()) await client.register({ ...web(1 + index), ttl: 1000 });
    for (const port of [1, 2, 3]) await told(port, ['online', 'offline expired']);
  });

  it('say nothing of an instance that renews at each of them in turn', async () => {
    await clients[0]!.register({ ...web(10), ttl: 1200 });
    const begun = performance.now();
    for (let turn = 1; performance.now() - begun < 5000; turn++) {
      await eventually(() => performance.now() - begun > turn * 500);
      await clients[turn % 3]!.renew(web(10));
    }
    await told(10, ['online']);
    await clients[1]!.deregister(web(10));
    await told(10, ['online', 'offline deregistered']);
  });

  it('agree on backends and frontends', async () => {
    await clients[0]!.register({ ...web(20), ttl: 60_000 });
    await clients[1]!.createBackend({ name: 'live', app: 'web', version: '1.0.0' });
    await clients[2]!.createFrontend({ name: 'www', backend: 'live' });
    for (const client of clients)
      await eventually(async () => (await client.resolve('www')).map(({ port }) => port).join() === '20');
  });

  it('tell a fourth daemon everything before it answers', async () => {
    const { url } = await startDaemon({ peers: [daemons[2]!.url] });
    const fourth = new Client({ servers: [url] });
    expect((await fourth.registrations({ app: 'web' })).map(({ port }) => port)).toContain(20);
    expect((await fourth.resolve('www')).map(({ port }) => port)).toEqual([20]);
  });

  it('go on without one that is killed: what renews elsewhere stays, what does not lapses', async () => {
    const third = clients[2]!;
    // Long enough to be online still when the daemon is killed, on the slowest machine.
    for (const port of [30, 31]) await third.register({ ...web(port), ttl: 5000 });
    // Both: what a daemon took in its last moments may die with it (docs/operations.md).
    for (const port of [30, 31]) await told(port, ['online']);
    stories.pop();
    await daemons[2]!.kill();
    const renewing = setInterval(() => void clients[0]!.renew(web(30)), 500);
    try {
      await told(31, ['online', 'offline daemon-lost']);
      await told(30, ['online']);
    } finally {
      clearInterval(renewing);
    }
  });
});
