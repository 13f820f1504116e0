import { type Frame, protocolVersion } from '../../../../../src/daemon/core/replication/frame.js';
import { Link, type LinkHost } from '../../../../../src/daemon/core/replication/link.js';
import { InvalidError, NotReadyError, UnreachableError } from '../../../../../src/model/errors.js';
import { Replica } from '../../../../helpers/replicas.js';
import { World, dice, signatures } from '../../../../helpers/world.js';
import { asName, asRunId } from '../../../../helpers/samples.js';

const frame: Frame = {
  v: protocolVersion,
  cluster: 'test',
  from: { name: 'a', runId: asRunId('run-of-a'), generation: 1, url: 'http://a:1', synced: true, warm: true },
};

/**
 * A link with a heartbeat every 400 ms, to a peer that answers after `peer()` ms: nothing comes back of what it never
 * answers (Infinity), and at once where it refuses (undefined). With the tries that were made, and for how long.
 */
function bench(peer: () => number | undefined, host: Partial<LinkHost> = {}) {
  const world = new World(1);
  const tries: { at: number; patience: number }[] = [];
  const unreached: string[] = [];
  const bugs: string[] = [];
  const link = new Link(
    'http://b:1',
    new Replica('a'),
    {
      now: () => world.time,
      wallNow: () => world.time,
      after: (ms, run) => world.after(ms, run),
      usage: () => ({ activeMs: 0, asleepMs: 0 }),
      defer: (run) => void world.after(0, run),
      randomId: () => 'random',
      ...signatures(dice(1)),
    },
    {
      exchange: (url, _, patience) =>
        new Promise((resolve, reject) => {
          tries.push({ at: world.time, patience });
          const takes = peer();
          if (takes !== undefined && takes <= patience) world.after(takes, () => resolve(frame));
          else world.after(takes === undefined ? 1 : patience, () => reject(new UnreachableError(url)));
        }),
    },
    {
      compose: () => frame,
      accept: () => {},
      onReached: () => {},
      onUnreached: (_, error) => void unreached.push(error.message),
      ...host,
    },
    { error: (_, message) => void bugs.push(message) },
    2000,
  );
  const beat = (): void => {
    world.after(400, beat);
    link.heartbeat();
  };
  beat();
  return { world, link, tries, unreached, bugs };
}

describe('a link', () => {
  it('tries again with the heartbeat that fell due while it waited in vain', async () => {
    let lost = true;
    const { world, tries } = bench(() => (lost ? Infinity : 1));
    await world.advance(399);
    lost = false;
    await world.advance(2);
    expect(tries.map(({ at }) => at)).toEqual([0, 400]);
  });

  it('tries a peer that refuses once with each heartbeat, though there is something to tell', async () => {
    const { world, link, tries } = bench(() => undefined);
    link.changed(asName('a'));
    await world.advance(1000);
    expect(tries.map(({ at }) => at)).toEqual([0, 400, 800]);
  });

  it('waits longer for a peer that may be slow, and only a little every other time', async () => {
    const { world, tries } = bench(() => Infinity);
    await world.advance(10_000);
    const round = [400, 800, 400, 1600, 400, 2000];
    expect(tries.slice(0, 9).map(({ patience }) => patience)).toEqual([...round, ...round.slice(0, 3)]);
  });

  it('says again what was lost, with the next try', async () => {
    let reached = false;
    const { world, link } = bench(() => (reached ? 1 : Infinity));
    link.sync.answer({ have: [[asName('a'), []]] });
    link.changed(asName('a'));
    // What is sent counts as said, until it turns out that it may not have arrived.
    link.sync.request(false);
    expect(link.sync.quiet).toBe(true);
    await world.advance(800);
    expect(link.sync.quiet).toBe(false);
    reached = true;
    await world.advance(2000);
    expect(link.up).toBe(true);
  });

  it('reaches a slow peer, and then waits for as long as it needs', async () => {
    const { world, link, tries } = bench(() => 600);
    await world.advance(3000);
    expect(link.up).toBe(true);
    expect(tries.slice(0, 4).map(({ patience }) => patience)).toEqual([400, 800, 1800, 1800]);
  });

  it('takes an error of its own for a bug, not for a peer that is not there', async () => {
    const { world, link, unreached, bugs } = bench(() => 1, {
      accept: () => {
        throw new TypeError('undefined is not a function');
      },
    });
    await world.advance(4000);
    expect(link.up).toBe(true);
    expect(unreached).toEqual([]);
    expect(new Set(bugs)).toEqual(new Set(['an exchange with a peer failed because of a bug in bender']));
  });

  it('logs a bug in what follows a failed exchange, and tries again with the next heartbeat', async () => {
    const { world, link, tries, bugs } = bench(() => undefined, {
      onUnreached: () => {
        throw new TypeError('undefined is not a function');
      },
    });
    let isOver = false;
    void link.exchanged().then(() => (isOver = true));
    await world.advance(1000);
    expect(isOver).toBe(true);
    expect(tries.length).toBeGreaterThanOrEqual(3);
    expect(new Set(bugs)).toEqual(new Set(['an exchange with a peer failed because of a bug in bender']));
  });

  it('says nothing of the peer when it was this daemon that was paused', async () => {
    const paused = (): never => {
      throw new NotReadyError('this daemon was paused');
    };
    for (const host of [{ accept: paused }, { compose: paused }]) {
      const { world, unreached, bugs } = bench(() => 1, host);
      await world.advance(2000);
      expect([...unreached, ...bugs]).toEqual([]);
    }
  });

  it('takes an answer that must not be for a refusal, and reports each', async () => {
    const { world, link, unreached, bugs } = bench(() => 1, {
      accept: () => {
        throw new InvalidError('malformed frame');
      },
    });
    await world.advance(4000);
    expect(link.up).toBe(false);
    expect(new Set(unreached)).toEqual(new Set(['malformed frame']));
    expect(bugs).toEqual([]);
  });
});

it('begins anew what it says of documents to a peer that has restarted, and goes on with one that has not', () => {
  const { link } = bench(() => 1);
  link.identify(asRunId('before'));
  const { sync } = link;
  link.identify(asRunId('before'));
  expect(link.sync).toBe(sync);
  link.identify(asRunId('after'));
  expect(link.sync).not.toBe(sync);
});
