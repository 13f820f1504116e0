import { describe, expect, it, jest } from '@jest/globals';
import type { Daemon } from '../../../../src/daemon/core/daemon.js';
import { endedReason } from '../../../../src/daemon/core/lease/drain-ends.js';
import { asId } from '../../../../src/model/registration.js';
import { bench, drainingAt, id, shown, updates, web } from '../../../helpers/drained.js';
import { World } from '../../../helpers/world.js';

/** ms that the drains of these tests take. */
const span = 20_000;
const wall = 1_700_000_000_000;

/** ms by which a drain may end late: the wait of the others for the holder, and what they tell each other. */
const late = 1600;

type Bench = Awaited<ReturnType<typeof bench>>;

/** Time passes, in which the instance renews at the first of these. Returns when (ms) the drain ended at each. */
async function ends(world: World, daemons: readonly Daemon[], limitMs: number): Promise<number[]> {
  const at = daemons.map(() => Infinity);
  const unsubscribe = daemons.map((daemon, index) =>
    daemon.events.subscribe(({ event }) => {
      if (event.type === 'updated' && !event.registration.draining) at[index] = Math.min(at[index]!, world.time);
    }),
  );
  for (const until = world.time + limitMs; world.time < until && at.includes(Infinity); await world.advance(500))
    await world.complete(Promise.resolve(daemons[0]!.renew(id)));
  for (const stop of unsubscribe) stop();
  return at;
}

const toTheEnd = (event: unknown[]): boolean => event[1] === endedReason;

/** That each of these ended the drain once, `forMs` after `begun`, and no more than `most` late. */
function expectEnd(at: readonly number[], begun: number, forMs: number, most: number): void {
  for (const one of at) {
    expect(one).toBeGreaterThanOrEqual(begun + forMs);
    expect(one).toBeLessThanOrEqual(begun + forMs + most);
  }
}

/** The rest of a drain of that time that began at `begun`, at the daemons that are left. */
async function expectItsEnd(world: World, begun: number, daemons: readonly Daemon[], most = late): Promise<void> {
  expect(drainingAt(daemons)).toEqual(daemons.map(() => true));
  expectEnd(await ends(world, daemons, 2 * span), begun, span, most);
  for (const daemon of daemons) expect(updates(daemon).filter(toTheEnd)).toHaveLength(1);
}

/** Another daemon of that name, once it has joined. */
const startAgain = async (world: World, name: string, peer: Daemon): Promise<Daemon> => {
  const daemon = await world.complete(world.start(name, { peers: [peer.settings.url] }));
  await world.advance(100);
  return daemon;
};

const drainForSpan = async ({ world, set }: Bench, daemon: Daemon): Promise<number> => {
  const begun = world.time;
  await set(daemon, { draining: true, reason: 'reboot', forMs: span });
  return begun;
};

describe('a drain with an end', () => {
  it.each(['a', 'b'] as const)('through daemon %s ends on all, with one event', async (name) => {
    const it = await bench();
    const { world, daemons } = it;
    const begun = await drainForSpan(it, it[name]);
    const until = wall + begun + span;
    for (const daemon of daemons) {
      expect(shown(daemon)!.drainUntil).toBeGreaterThanOrEqual(until);
      expect(shown(daemon)!.drainUntil).toBeLessThan(until + 20);
    }
    await it.renewing(it.c, 3000);
    await expectItsEnd(world, begun, daemons, 50);
    await it.renewing(it.c, 5000);
    const { drainUntil } = updates(it.a)[1]![2] as { drainUntil: number };
    for (const daemon of daemons) {
      const { draining, drainReason, drainUntil: shownUntil } = shown(daemon)!;
      expect([draining, drainReason, shownUntil]).toEqual([false, undefined, undefined]);
      expect(updates(daemon)).toEqual([
        [true, 'reboot', { draining: false }],
        [false, endedReason, { draining: true, drainReason: 'reboot', drainUntil }],
      ]);
    }
  });

  it('ends earlier by undrain, and does not end again', async () => {
    const it = await bench();
    await drainForSpan(it, it.b);
    await it.renewing(it.a, 6000);
    await it.set(it.c, { draining: false });
    await it.renewing(it.a, 18_000);
    for (const daemon of it.daemons) expect(updates(daemon).map(([draining]) => draining)).toEqual([true, false]);
  });

  it('is not shortened or ended by the end of the one before', async () => {
    const it = await bench();
    await drainForSpan(it, it.a);
    await it.renewing(it.a, 15_000);
    const begun = await drainForSpan(it, it.c);
    await it.renewing(it.a, 8000);
    for (const daemon of it.daemons) expect(shown(daemon)?.drainReason).toBe('reboot');
    await expectItsEnd(it.world, begun, it.daemons, 50);
  });

  it('that is drained again without an end lasts', async () => {
    const it = await bench();
    await drainForSpan(it, it.a);
    await it.renewing(it.a, 8000);
    await it.set(it.b, { draining: true });
    await it.renewing(it.a, 20_000);
    for (const daemon of it.daemons) {
      expect(shown(daemon)).toMatchObject({ draining: true, drainReason: 'reboot' });
      expect(shown(daemon)!.drainUntil).toBeUndefined();
    }
  });

  it('ends with the life: the next one is not drained, and nothing is decided about it', async () => {
    const it = await bench();
    await drainForSpan(it, it.b);
    await it.renewing(it.a, 1000);
    it.a.register(web, { instance: 'restarted' });
    await it.renewing(it.a, 22_000);
    expect(drainingAt(it.daemons)).toEqual([false, false, false]);
    for (const daemon of it.daemons) expect(updates(daemon).filter(toTheEnd)).toEqual([]);
  });

  it('ends once the instance is back, if it was not online when its time was over', async () => {
    const it = await bench();
    await drainForSpan(it, it.b);
    await it.renewing(it.a, 18_000);
    await it.world.complete(it.c.setHealth(id, 'broken'));
    await it.renewing(it.a, 5000);
    expect(drainingAt(it.daemons)).toEqual([undefined, undefined, undefined]);
    await it.world.complete(it.c.setHealth(id, null));
    await it.world.advance(20);
    expect(drainingAt(it.daemons)).toEqual([false, false, false]);
  });

  describe('is on time', () => {
    it('whichever wall clock jumps', async () => {
      const it = await bench();
      const begun = await drainForSpan(it, it.b);
      for (const name of ['a', 'b', 'c']) it.world.host(name).wallOffset = name === 'a' ? -3_600_000 : 3_600_000;
      await expectItsEnd(it.world, begun, it.daemons, 50);
    });

    it('when the daemon that took it crashes', async () => {
      const it = await bench();
      const begun = await drainForSpan(it, it.b);
      await it.renewing(it.a, 5000);
      it.world.kill('b');
      await expectItsEnd(it.world, begun, [it.a, it.c], 50);
    });

    it('when the holder crashes', async () => {
      const it = await bench();
      const begun = await drainForSpan(it, it.b);
      await it.renewing(it.c, 5000);
      it.world.kill('a');
      await expectItsEnd(it.world, begun, [it.c, it.b], 50);
    });

    it('when the holder crashes a moment before, and nobody has noticed', async () => {
      const it = await bench();
      const begun = await drainForSpan(it, it.b);
      await it.renewing(it.c, span - 500);
      it.world.kill('a');
      await expectItsEnd(it.world, begun, [it.c, it.b]);
    });

    it('when the holder crashes a moment before, and nobody renews: one of the others ends it', async () => {
      const it = await bench();
      it.a.register(web, { ttl: 60_000 });
      await it.world.advance(1000);
      const begun = await drainForSpan(it, it.b);
      await it.world.advance(span - 500);
      it.world.kill('a');
      await it.world.advance(2500);
      for (const daemon of [it.b, it.c]) {
        const { event } = daemon.events
          .since(`${daemon.events.runId}:0`)!
          .findLast((one) => one.event.type === 'updated')!;
        expect(event).toMatchObject({ registration: { draining: false }, reason: endedReason });
        expectEnd([event.at - wall], begun, span, late);
      }
      const whoWrote = [it.b, it.c].filter(
        (one) => one.self!.holdings!.decided.get(asId(id))?.decision.draining === false,
      );
      expect(whoWrote).toHaveLength(1);
    });

    it.each([1500, 15_000])('when the holder is paused for %i ms as it ends', async (ms) => {
      const it = await bench();
      const begun = await drainForSpan(it, it.b);
      await it.renewing(it.c, span - 500);
      it.world.pause('a');
      await it.renewing(it.c, ms);
      it.world.resume('a');
      await it.world.advance(2500);
      await it.renewing(it.c, 1000);
      for (const daemon of it.daemons) {
        expect(shown(daemon)?.draining).toBe(false);
        expect(updates(daemon).filter(toTheEnd)).toHaveLength(1);
      }
      const at = it.b.events
        .since(`${it.b.events.runId}:0`)!
        .flatMap(({ event }) => (event.type === 'updated' ? [event.at - wall] : []));
      expectEnd([at.at(-1)!], begun, span, late);
    });

    it('when a daemon was stalled meanwhile: its slow clock ends nothing early, and holds nothing up', async () => {
      const it = await bench();
      const begun = await drainForSpan(it, it.b);
      for (const name of ['a', 'b']) {
        await it.renewing(it.c, 1000);
        it.world.pause(name);
        await it.renewing(it.c, 5000);
        it.world.resume(name);
        await it.renewing(it.c, 2000);
      }
      await expectItsEnd(it.world, begun, [it.c, it.a, it.b]);
    });

    it.each(['stops', 'crashes'])('when every daemon %s and starts again, one at a time', async (how) => {
      const it = await bench();
      const { world, daemons } = it;
      const begun = await drainForSpan(it, it.a);
      for (const [index, name] of ['a', 'b', 'c'].entries()) {
        const other = (): Daemon => daemons[(index + 1) % 3]!;
        await it.renewing(other(), 1500);
        if (how === 'stops') await world.complete(daemons[index]!.stop());
        world.kill(name);
        await it.renewing(other(), 3500);
        daemons[index] = await startAgain(world, name, other());
      }
      await expectItsEnd(world, begun, daemons, 100);
    });

    it('when all that knew it are replaced by two that joined one after the other, without a rest', async () => {
      const it = await bench();
      const begun = await drainForSpan(it, it.b);
      await it.renewing(it.c, 8000);
      const d = await startAgain(it.world, 'd', it.c);
      await it.renewing(d, 500);
      for (const daemon of it.daemons) await it.world.complete(daemon.stop());
      for (const name of ['a', 'b', 'c']) it.world.kill(name);
      await it.renewing(d, 1000);
      const e = await startAgain(it.world, 'e', d);
      it.world.kill('d');
      await expectItsEnd(it.world, begun, [e], 100);
    });

    it('on both sides of a split, and does not begin anew when that heals', async () => {
      const it = await bench();
      const begun = await drainForSpan(it, it.b);
      it.world.partition(['a'], ['b', 'c']);
      await it.renewing(it.a, 8000);
      it.world.heal();
      await it.renewing(it.a, 5000);
      await expectItsEnd(it.world, begun, it.daemons, 50);
    });
  });

  it('ends nothing that was drained on the other side of a split', async () => {
    const it = await bench();
    await drainForSpan(it, it.a);
    await it.renewing(it.a, 17_000);
    it.world.partition(['a', 'b'], ['c']);
    await it.set(it.c, { draining: true });
    await it.renewing(it.a, 5000);
    expect(drainingAt([it.a, it.b])).toEqual([false, false]);
    it.world.heal();
    await it.renewing(it.a, 5000);
    expect(drainingAt(it.daemons)).toEqual([true, true, true]);
  });

  it('writes nothing while its time passes', async () => {
    const it = await bench();
    await drainForSpan(it, it.b);
    await it.renewing(it.c, 2000);
    const heads = () => it.daemons.map((daemon) => daemon.documents.digest());
    const before = heads();
    await it.renewing(it.c, 15_000);
    expect(heads()).toEqual(before);
  });
});

describe('many drains with an end', () => {
  it('are handed on to a daemon that joins a part at a time, and all of them', async () => {
    const world = new World(1, { delay: [1, 1] });
    const a = await world.complete(world.start('a', { warmForMs: 0 }));
    const ids = Array.from({ length: 1200 }, (_, n) => `web/1.0.0/h/${n + 1}`);
    for (const [n] of ids.entries()) a.register({ ...web, host: 'h', port: n + 1 }, { ttl: 10 * span });
    await world.complete(Promise.all(ids.map((one) => a.setState(one, { draining: true, forMs: span }))));
    await world.advance(span / 2);

    const written: number[] = [];
    const [run, set] = [a.turn.run.bind(a.turn), a.view.set.bind(a.view)];
    jest.spyOn(a.turn, 'run').mockImplementation((...args) => {
      written.push(0);
      return run(...args);
    });
    jest.spyOn(a.view, 'set').mockImplementation((...args) => {
      written[written.length - 1]!++;
      set(...args);
    });
    const b = await startAgain(world, 'b', a);
    // One is the daemon that has joined.
    expect(written.filter((count) => count > 0)).toEqual([501, 500, 200]);

    // What it has heard is enough, though the daemon that told it is gone.
    world.kill('a');
    await world.advance(span / 2 + late);
    expect(b.registrations({ app: 'web' }).filter(({ draining }) => draining)).toEqual([]);
    expect(b.registrations({ app: 'web' })).toHaveLength(ids.length);
  });
});
