import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { EventFilter } from '../../../../src/daemon/http/event-filter.js';
import { Listings } from '../../../../src/daemon/http/listings.js';
import { Snapshots, type TakenSnapshot } from '../../../../src/daemon/http/snapshots.js';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
let snapshots: Snapshots;
beforeEach(async () => {
  server = await ApiServer.start();
  snapshots = new Snapshots(server.daemon, new Listings(server.daemon));
});
afterEach(() => server.stop());

const filterOf = (query = ''): EventFilter => new EventFilter(new URLSearchParams(query));
const register = (app: string): void => void server.daemon.register({ app, version: '1.0.0', host: 'h', port: 80 }, {});
const take = async (query?: string): Promise<TakenSnapshot> => snapshots.take(filterOf(query));

function appsIn({ content }: TakenSnapshot): string[] {
  const { registrations } = JSON.parse(/^data: (.*)$/m.exec(content.data.toString())![1]!) as {
    registrations: { app: string }[];
  };
  return registrations.map(({ app }) => app);
}

it('takes one for all that ask for the same, until something changes', async () => {
  register('web');
  const first = await take();
  expect(await take()).toBe(first);
  expect(appsIn(first)).toEqual(['bender', 'web']);
  expect(first.position).toBe(server.daemon.events.position);

  register('shop');
  const second = await take();
  expect(appsIn(second)).toEqual(['bender', 'shop', 'web']);
  expect(second.position).toBe(first.position + 1);

  server.set({ stale: true });
  const third = await take();
  expect(third.content.data.toString()).toContain('"stale":true');
});

it('takes another one for each filter, and keeps no more than some', async () => {
  for (const app of ['web', 'shop']) register(app);
  const web = await take('app=web');
  expect(appsIn(web)).toEqual(['web']);
  expect(appsIn(await take('app=shop'))).toEqual(['shop']);
  expect(await take('app=web')).toBe(web);
  for (let index = 0; index < 8; index++) await take(`app=a${index}`);
  expect(await take('app=web')).not.toBe(web);
});

it('takes it of one moment, however long that takes', async () => {
  for (let port = 1; port <= 3000; port++)
    server.daemon.register({ app: 'web', version: '1.0.0', host: 'h', port }, {});
  // By a clock that goes on with every look at it, and so has the work interrupted wherever it can be.
  let now = 0;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 2));
  const { position } = server.daemon.events;
  const taking = snapshots.take(filterOf());
  expect(taking).toBeInstanceOf(Promise);
  expect(snapshots.take(filterOf())).toBe(taking);
  register('late');
  const taken = await taking;
  clock.mockRestore();
  expect(taken.position).toBe(position);
  expect(appsIn(taken).filter((app) => app === 'web')).toHaveLength(3000);
  expect(appsIn(taken)).not.toContain('late');
});

it('tries again after one that failed', async () => {
  const listings = new Listings(server.daemon);
  const fail = function* (): Generator<void, never> {
    // Fails in a later turn, when the caller has its promise.
    let isLater = false;
    setImmediate(() => (isLater = true));
    while (!isLater) yield;
    throw new Error('broken');
  };
  jest.spyOn(listings, 'fragmentsOf').mockImplementationOnce(fail);
  snapshots = new Snapshots(server.daemon, listings);
  await expect(snapshots.take(filterOf())).rejects.toThrow('broken');
  expect(appsIn(await take())).toEqual(['bender']);
});
