import * as fc from 'fast-check';
import { Membership, type Review } from '../../../../../src/daemon/core/membership/membership.js';
import { highestGeneration } from '../../../../../src/daemon/core/membership/replacement.js';
import { asRunId, holdingsOf, meetPublished, ownerOf } from '../../../../helpers/samples.js';

const timeout = 2000;
const a = ownerOf('a');
const b = ownerOf('b');

const names = ({ lost, moved, back }: Review) => ({
  lost: lost.map(({ runId }) => runId),
  moved: moved.map(({ runId }) => runId),
  back: back.map(({ runId }) => runId),
});
const nothing = { lost: [], moved: [], back: [] };
const signOf = (membership: Membership, runId: string, now: number) =>
  membership.signs(now).find(([one]) => one === runId);

/** A daemon that knows `b`, heard at 0 with counter 5. */
function observer(): Membership {
  const membership = new Membership(timeout);
  meetPublished(membership, b);
  membership.hear([b.runId, 5, 0, -1], 0);
  return membership;
}

describe('an incarnation', () => {
  it('is lost when its counter has not moved for the peer timeout, since then, and once', () => {
    const membership = observer();
    expect(names(membership.review(timeout - 1, undefined))).toEqual(nothing);
    expect(names(membership.review(timeout + 30, undefined))).toEqual({ ...nothing, lost: [b.runId] });
    expect(membership.get(b.runId)).toMatchObject({ lost: true, lostAt: timeout });
    expect(membership.live()).toEqual([]);
    expect(names(membership.review(timeout + 60, undefined))).toEqual(nothing);
  });

  it('is not kept alive by a counter that does not move, however fresh it claims to be', () => {
    const membership = observer();
    for (let now = 100; now < timeout; now += 100) membership.hear([b.runId, 5, 0, -1], now);
    membership.hear([b.runId, 4, 0, -1], timeout - 1);
    expect(names(membership.review(timeout, undefined)).lost).toEqual([b.runId]);
  });

  it('is back when its counter moves again', () => {
    const membership = observer();
    membership.review(timeout, undefined);
    membership.hear([b.runId, 6, 100, -1], 5000);
    expect(names(membership.review(5000, undefined))).toEqual({ ...nothing, back: [b.runId] });
    expect(membership.live()).toHaveLength(1);
    expect(names(membership.review(6899, undefined))).toEqual(nothing);
    expect(names(membership.review(6900, undefined)).lost).toEqual([b.runId]);
  });

  it('is still lost when its counter has moved, but too long ago', () => {
    const membership = observer();
    membership.review(timeout, undefined);
    membership.hear([b.runId, 6, 2500, -1], 5000);
    expect(names(membership.review(5000, undefined))).toEqual({ ...nothing, moved: [b.runId] });
    expect(membership.get(b.runId)?.lostAt).toBe(4500);
  });

  it('has been silent for the greater of two ages of the same counter', () => {
    const membership = observer();
    membership.hear([b.runId, 5, 1500, -1], 1000);
    expect(names(membership.review(1499, undefined))).toEqual(nothing);
    expect(names(membership.review(1500, undefined)).lost).toEqual([b.runId]);
    membership.hear([b.runId, 5, 10, -1], 1600);
    expect(names(membership.review(1600, undefined))).toEqual(nothing);
  });

  it('is lost from the start to a joiner that hears that it has long been silent', () => {
    const membership = new Membership(timeout);
    membership.hear([b.runId, 5, 60_000, -1], 100);
    meetPublished(membership, b, 100);
    expect(names(membership.review(100, undefined)).lost).toEqual([b.runId]);
    expect(membership.get(b.runId)?.lostAt).toBe(100 - 60_000 + timeout);
  });

  it('counts for nobody alive until it has published', () => {
    const membership = new Membership(timeout);
    membership.hear([b.runId, 5, 0, -1], 0);
    expect(membership.live()).toEqual([]);
    membership.get(b.runId)!.holdings = holdingsOf(b);
    membership.changed();
    expect(membership.live()).toHaveLength(1);
  });

  it('is to be reviewed when what is heard of it may change which are lost, and not for each sign of life', () => {
    const membership = observer();
    const newsOf = (...sign: [counter: number, age: number, gone: number]) => {
      membership.hear([b.runId, ...sign], 10_000);
      const { news } = membership;
      membership.review(10_000, undefined);
      return news;
    };
    membership.review(10_000, undefined);
    expect(newsOf(6, 0, -1)).toBe(true);
    expect(newsOf(7, 0, -1)).toBe(false);
    expect(newsOf(7, 100, -1)).toBe(false);
    expect(newsOf(7, timeout, -1)).toBe(true);
    expect(newsOf(7, timeout, -1)).toBe(false);
    expect(newsOf(8, 0, -1)).toBe(true);
    expect(newsOf(8, 0, 50)).toBe(false);
  });

  it('is never lost to itself', () => {
    const membership = observer();
    expect(names(membership.review(60_000, membership.get(b.runId)))).toEqual(nothing);
  });

  it('does not come from the future', () => {
    const membership = new Membership(timeout);
    membership.hear([b.runId, 5, -60_000, -1], 0);
    expect(names(membership.review(timeout, undefined)).lost).toEqual([b.runId]);
  });

  it('is lost at once when it says that it leaves', () => {
    const membership = observer();
    membership.get(b.runId)!.holdings = holdingsOf({ ...b, leaving: true });
    expect(names(membership.review(100, undefined)).lost).toEqual([b.runId]);
    expect(membership.get(b.runId)).toMatchObject({ left: true, lostAt: 100 });
    // Its heart beats on until it is gone: that is no return.
    membership.hear([b.runId, 6, 0, -1], 200);
    expect(names(membership.review(200, undefined))).toEqual(nothing);
  });

  it('is lost at once when a later incarnation of its name publishes, whichever is met first', () => {
    const later = { ...b, generation: 2, runId: asRunId('b-run-2-00000000') };
    for (const order of [
      [b, later],
      [later, b],
    ]) {
      const membership = new Membership(timeout);
      for (const owner of order) {
        meetPublished(membership, owner);
        membership.hear([owner.runId, 1, 0, -1], 0);
      }
      expect(names(membership.review(10, undefined)).lost).toEqual([b.runId]);
      expect(membership.live().map(({ runId }) => runId)).toEqual([later.runId]);
      expect(highestGeneration(membership.all(), 'b')).toBe(2);
    }
  });

  it('replaces another one of its generation by the greater run id, for everybody the same', () => {
    const twin = { ...b, runId: asRunId('z-run-0000000000') };
    for (const order of [
      [b, twin],
      [twin, b],
    ]) {
      const membership = new Membership(timeout);
      for (const owner of order) {
        meetPublished(membership, owner);
        membership.hear([owner.runId, 1, 0, -1], 0);
      }
      membership.review(10, undefined);
      expect(membership.live().map(({ runId }) => runId)).toEqual([twin.runId]);
    }
  });

  it('of another name replaces nobody', () => {
    const membership = observer();
    meetPublished(membership, { ...a, generation: 9 });
    expect(names(membership.review(100, undefined))).toEqual(nothing);
  });

  it('that is silent replaces none that is heard', () => {
    const membership = observer();
    const old = { ...b, generation: 7, runId: asRunId('b-run-old-000000') };
    membership.hear([old.runId, 900, 60_000, -1], 100);
    meetPublished(membership, old, 100);
    expect(names(membership.review(100, undefined)).lost).toEqual([old.runId]);
    expect(membership.live().map(({ runId }) => runId)).toEqual([b.runId]);
  });

  it('was lost when the first of all noticed that it is gone', () => {
    const membership = observer();
    membership.get(b.runId)!.holdings = holdingsOf({ ...b, leaving: true });
    membership.review(1000, undefined);
    membership.hear([b.runId, 5, 900, 700], 1000);
    expect(names(membership.review(1000, undefined)).moved).toEqual([b.runId]);
    expect(membership.get(b.runId)?.lostAt).toBe(300);
  });
});

describe('what is forgotten', () => {
  function forgetful(): Membership {
    const membership = observer();
    membership.review(60_000, undefined);
    membership.forget(membership.get(b.runId)!);
    return membership;
  }

  it.each([
    ['the same counter', 5, 0, -1],
    ['an earlier counter', 4, 0, -1],
    ['a later counter that has long stood still', 6, timeout, -1],
    ['a later counter of one that is gone', 6, 0, 100],
  ])('does not come back by %s', (_, counter, age, gone) => {
    const membership = forgetful();
    membership.hear([b.runId, counter, age, gone], 60_100);
    expect(membership.get(b.runId)).toBeUndefined();
    expect(membership.meet(b.runId, 60_100)).toBeUndefined();
    expect(membership.signs(60_100)).toEqual([]);
    expect(membership.isForgotten(b.runId)).toBe(true);
  });

  it('comes back when it really lives', () => {
    const membership = forgetful();
    membership.hear([b.runId, 6, 100, -1], 60_100);
    expect(membership.isForgotten(b.runId)).toBe(false);
    expect(membership.get(b.runId)?.counter).toBe(6);
  });

  it('is looked for where it was, unless it said goodbye', () => {
    expect(forgetful().formerUrls()).toEqual([b.url]);
    const membership = observer();
    membership.get(b.runId)!.holdings = holdingsOf({ ...b, leaving: true });
    membership.forget(membership.get(b.runId)!);
    expect(membership.formerUrls()).toEqual([]);
  });

  it('is not remembered without end', () => {
    const membership = new Membership(timeout);
    for (let n = 0; n < 1500; n++) membership.forget(membership.meet(asRunId(`run-${n}-00000000`), 0)!);
    expect(membership.isForgotten(asRunId('run-0-00000000'))).toBe(false);
    expect(membership.isForgotten(asRunId('run-1499-00000000'))).toBe(true);
  });
});

describe('signs of life', () => {
  it('are relayed with their age', () => {
    const membership = observer();
    expect(signOf(membership, b.runId, 700)).toEqual([b.runId, 5, 700, -1]);
  });

  it('say how long ago a daemon was found to be gone', () => {
    const membership = observer();
    membership.get(b.runId)!.holdings = holdingsOf({ ...b, leaving: true });
    membership.review(100, undefined);
    expect(signOf(membership, b.runId, 700)).toEqual([b.runId, 5, 700, 600]);
  });

  it('never grow older on their way than they are', () => {
    // Two daemons on one fast network tell each other of a third one, at odd moments.
    const [one, two] = [observer(), observer()];
    let now = 0;
    for (let round = 0; round < 400; round++) {
      now += 0.7;
      two.hear(signOf(one, b.runId, now)!, now);
      one.hear(signOf(two, b.runId, now)!, now);
    }
    expect(one.get(b.runId)!.heardAt).toBeGreaterThanOrEqual(0);
    expect(two.get(b.runId)!.heardAt).toBeGreaterThanOrEqual(0);
  });

  it('bring daemons that hear the same, in any order and however often, to the same', () => {
    const sign = fc.tuple(fc.constant(b.runId), fc.nat(4), fc.nat(3000), fc.constant(-1));
    fc.assert(
      fc.property(fc.array(sign, { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.nat()), (signs, numbers) => {
        // All of them are heard at one moment, as far as the clock can tell.
        const now = 10_000;
        const shuffled = signs
          .map((one) => ({ one, at: numbers.next().value as number }))
          .sort((x, y) => x.at - y.at)
          .map(({ one }) => one);
        const [first, second] = [new Membership(timeout), new Membership(timeout)];
        for (const one of signs) first.hear([...one], now);
        for (const one of [...shuffled, ...signs]) second.hear([...one], now);
        expect(second.signs(now)).toEqual(first.signs(now));
      }),
    );
  });

  it('of more incarnations than can be are not all kept; there is room for the daemon itself', () => {
    const membership = new Membership(timeout);
    for (let n = 0; n < 5000; n++) membership.hear([asRunId(`run-${n}-00000000`), 1, 0, -1], 0);
    expect(membership.signs(0)).toHaveLength(2000);
    const self = membership.meetSelf(a.runId, 0);
    expect(membership.get(a.runId)).toBe(self);
    expect(membership.meetSelf(a.runId, 0)).toBe(self);
  });

  it('of the former self are told with the time away, however often that was; those of others as they were heard', () => {
    const membership = observer();
    membership.hear([asRunId('run-c-0000000000'), 1, 0, -1], 0);
    membership.wasAway(5000, membership.get(b.runId));
    membership.wasAway(700);
    expect(signOf(membership, b.runId, 200)).toEqual([b.runId, 5, 5900, -1]);
    // It may have been heard since then: a daemon that is told of a long silence of its own takes itself for suspended.
    expect(signOf(membership, 'run-c-0000000000', 200)).toEqual(['run-c-0000000000', 1, 200, -1]);
  });

  it('after a time away count as they were heard where peers have spoken of it since', () => {
    const membership = observer();
    meetPublished(membership, a);
    membership.hear([a.runId, 1, 0, -1], 0);
    membership.wasAway(5000, membership.get(a.runId));
    membership.hear([b.runId, 5, 0, -1], 100);
    membership.hear([a.runId, 1, 0, -1], 100);
    membership.returned(true);
    expect(signOf(membership, b.runId, 100)).toEqual([b.runId, 5, 100, -1]);
    expect(signOf(membership, a.runId, 100)).toEqual([a.runId, 1, 5100, -1]);
  });

  it('after a time away count as peers say that have heard as much or more, however late it had been heard before', () => {
    const proof: [Uint8Array, Uint8Array] = [new Uint8Array(32), new Uint8Array(64)];
    for (const counter of [5, 6]) {
      const membership = new Membership(timeout);
      meetPublished(membership, b);
      membership.hear([b.runId, 5, 0, -1, ...proof], 0, true);
      membership.wasAway(5000);
      membership.hear([b.runId, counter, 5000, -1, ...proof], 100);
      membership.returned(true);
      // It can have counted one further a heartbeat later at the earliest.
      const age = counter === 5 ? 5000 : 4700;
      expect(signOf(membership, b.runId, 100)).toEqual([b.runId, counter, age, -1, ...proof]);
    }
  });

  it('after a time away without peers count as the first peer says, however late', () => {
    const proof: [Uint8Array, Uint8Array] = [new Uint8Array(32), new Uint8Array(64)];
    const membership = new Membership(timeout);
    meetPublished(membership, b);
    membership.hear([b.runId, 5, 0, -1, ...proof], 0, true);
    membership.wasAway(5000);
    membership.returned(false);
    membership.hear([b.runId, 6, 4600, -1, ...proof], 200);
    expect(signOf(membership, b.runId, 200)).toEqual([b.runId, 6, 4600, -1, ...proof]);
  });

  it('after a time away count from then where peers had not heard the last of them', () => {
    for (const gone of [-1, 3000]) {
      const membership = observer();
      membership.get(b.runId)!.holdings = holdingsOf({ ...b, leaving: gone >= 0 });
      membership.wasAway(5000);
      membership.hear([b.runId, 4, 5500, gone], 100);
      membership.returned(true);
      membership.review(100, undefined);
      expect(signOf(membership, b.runId, 100)).toEqual([b.runId, 5, 5100, gone]);
    }
  });

  it('after a time away count from then where peers say nothing else, and anew without peers', () => {
    const [among, alone] = [observer(), observer()];
    for (const membership of [among, alone]) {
      membership.get(b.runId)!.holdings = holdingsOf({ ...b, leaving: true });
      membership.review(100, undefined);
      membership.wasAway(5000);
      membership.returned(membership === among);
    }
    expect(signOf(among, b.runId, 100)).toEqual([b.runId, 5, 5100, 5000]);
    expect(signOf(alone, b.runId, 100)).toEqual([b.runId, 5, 100, 0]);
  });
});
