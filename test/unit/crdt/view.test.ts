import * as fc from 'fast-check';
import type { Decision } from '../../../src/crdt/decision.js';
import { type Entry, isDraining } from '../../../src/crdt/entry.js';
import type { Decided } from '../../../src/crdt/holdings.js';
import type { LifeId, RunId } from '../../../src/crdt/ids.js';
import type { Transition } from '../../../src/crdt/transition.js';
import { View } from '../../../src/crdt/view.js';
import { dice } from '../../helpers/world.js';
import { asLife, asRunId, entryOf } from '../../helpers/samples.js';
import { asId, type RegistrationId } from '../../../src/model/registration.js';

const id = asId('web/1.0.0/10.0.0.1/8080');
const other = asId('web/1.0.0/10.0.0.1/8081');

const told = (transitions: Transition[]) =>
  transitions
    .map((transition) => transition.toEvent())
    .map((event) => event.type + ('reason' in event ? ` ${event.reason}` : ''));

/** Something that a view is told. */
type News =
  | { kind: 'entry'; holder: RunId; id: RegistrationId; entry: Entry | undefined; lapsed: boolean }
  | { kind: 'lapsed'; holder: RunId; id: RegistrationId; lapsed: boolean }
  | { kind: 'decided'; holder: RunId; id: RegistrationId; decided: Decided | undefined }
  | { kind: 'released'; holder: RunId; id: RegistrationId; lives: LifeId[] };

function tell(view: View, news: News): void {
  if (news.kind === 'entry') view.set(news.holder, news.id, news.entry, news.lapsed);
  else if (news.kind === 'lapsed') view.setLapsed(news.holder, news.id, news.lapsed);
  else if (news.kind === 'decided') view.setDecided(news.holder, news.id, news.decided);
  else view.setReleased(news.holder, news.id, news.lives);
}

const [h1, h2, h3] = [asRunId('h1'), asRunId('h2'), asRunId('h3')];
const holder = fc.constantFrom(h1, h2, h3);
const ids = fc.constantFrom(id, other);
// Lives are of one id each.
const lives = fc.nat(2);
/** One has no id and no end, like a copy that has lost them; one has no end; two have one, written at several times. */
const originals = fc.constantFrom<Partial<Decision>>(
  {},
  { id: 'c' },
  { id: 'a', end: { left: 2, until: 7 } },
  { id: 'b', end: { left: 2, until: 8 } },
  { id: 'b', end: { left: 1, until: 8 } },
);
const decision: fc.Arbitrary<Decision> = fc
  .record({ turn: fc.integer({ min: 1, max: 3 }), draining: fc.boolean(), original: originals })
  .map(({ original, ...rest }) => ({ ...rest, ...original }));
const news: fc.Arbitrary<News> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        holder,
        id: ids,
        lapsed: fc.boolean(),
        life: lives,
        entry: fc.option(
          fc.record(
            {
              rev: fc.integer({ min: 1, max: 3 }),
              decision,
            },
            { requiredKeys: ['rev'] },
          ),
        ),
      })
      .map(({ life, entry, ...rest }) => ({
        kind: 'entry' as const,
        ...rest,
        entry: entry === null ? undefined : entryOf({ ...entry, life: `${rest.id} ${life}` }),
      })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('lapsed' as const), holder, id: ids, lapsed: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ holder, id: ids, life: lives, decision: fc.option(decision) })
      .map(({ life, decision, ...rest }) => ({
        kind: 'decided' as const,
        ...rest,
        decided: decision === null ? undefined : { life: asLife(`${rest.id} ${life}`), decision },
      })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ holder, id: ids, lives: fc.uniqueArray(lives, { maxLength: 2 }) }).map((one) => ({
      kind: 'released' as const,
      ...one,
      lives: one.lives.map((life) => asLife(`${one.id} ${life}`)),
    })),
  },
);

/** How late the original of a decision comes among those of one turn. */
const rank = ({ id = '', end }: Decision): string => `${id === '' ? 0 : end ? 1 : 2} ${id} ${9 - (end?.left ?? 0)}`;

/** The decision of the highest turn, then the one to drain, then the one without an end. */
const latest = (decisions: (Decision | undefined)[]): Decision | undefined =>
  decisions
    .filter((one) => one !== undefined)
    .sort(
      (a, b) =>
        b.turn - a.turn ||
        Number(b.draining) - Number(a.draining) ||
        (rank(a) === rank(b) ? 0 : rank(a) < rank(b) ? 1 : -1),
    )[0];

/** What the rule says, computed from everything at once. */
class NaiveView {
  readonly #copies = new Map<string, { entry: Entry; lapsed: boolean }>();
  readonly #released = new Map<string, string[]>();

  readonly #decided = new Map<string, { life: string; decision: Decision }>();

  tell(news: News): void {
    const key = `${news.holder} ${news.id}`;
    const copy = this.#copies.get(key);
    if (news.kind === 'released') this.#released.set(key, news.lives);
    else if (news.kind === 'decided') {
      if (news.decided) this.#decided.set(key, news.decided);
      else this.#decided.delete(key);
    } else if (news.kind === 'lapsed') {
      if (copy) copy.lapsed = news.lapsed;
    } else if (news.entry) this.#copies.set(key, { entry: news.entry, lapsed: news.lapsed });
    else this.#copies.delete(key);
  }

  winner(wanted: string): Entry | undefined {
    const released = new Set([...this.#released.values()].flat());
    const winner = [...this.#copies]
      .map(([key, copy]) => ({ ...copy, holder: key.split(' ')[0]!, id: key.split(' ')[1]! }))
      .filter(({ id, lapsed, entry }) => id === wanted && !lapsed && !released.has(entry.life))
      .sort((a, b) => b.entry.rev - a.entry.rev || (a.holder < b.holder ? 1 : -1))[0]?.entry;
    const decision = latest([
      ...[...this.#copies.values()].map(({ entry }) => (entry.life === winner?.life && entry.decision) || undefined),
      ...[...this.#decided.values()].map(({ life, decision }) => (life === winner?.life ? decision : undefined)),
    ]);
    return winner && decision ? { ...winner, decision } : winner;
  }
}

/** The same news in another order: of each holder in its own, those of different holders mixed anew. */
function shuffled(all: News[], seed: number): News[] {
  const roll = dice(seed);
  const holders = [...new Set(all.map((one) => one.holder))];
  const queues = holders.map((name) => all.filter((one) => one.holder === name));
  const mixed: News[] = [];
  while (mixed.length < all.length) {
    const filled = queues.filter((queue) => queue.length > 0);
    mixed.push(filled[Math.floor(roll() * filled.length)]!.shift()!);
  }
  return mixed;
}

const contentOf = (view: View) =>
  [id, other].map((one) => [one, view.winner(one)?.holder, view.winner(one)?.entry, view.nextRev(one)]);

describe('a view', () => {
  it('answers from the copy with the highest rev, then the greatest holder', () => {
    const view = new View();
    view.set(h2, id, entryOf({ rev: 2, meta: { from: 'h2' } }));
    view.set(h3, id, entryOf({ rev: 1, meta: { from: 'h3' } }));
    expect(view.winner(id)?.holder).toBe('h2');
    view.set(h3, id, entryOf({ rev: 2, meta: { from: 'h3' } }));
    expect(view.winner(id)?.holder).toBe('h3');
    view.set(h1, id, entryOf({ rev: 3 }));
    expect(view.winner(id)?.holder).toBe('h1');
    expect(view.nextRev(id)).toBe(4);
  });

  it('shows the healthy one of two copies of one rev', () => {
    for (const [healthy, marked] of [
      [h1, h2],
      [h2, h1],
    ] as const) {
      const view = new View();
      view.set(healthy, id, entryOf());
      view.set(marked, id, entryOf({ unhealthy: 'no answer' }));
      expect(view.winner(id)?.holder).toBe(healthy);
      expect(told(view.flush())).toEqual(['online']);
      view.set(healthy, id, undefined);
      expect(told(view.flush())).toEqual(['offline unhealthy']);
      view.set(healthy, id, entryOf({ rev: 2, unhealthy: 'no answer' }));
      view.set(marked, id, entryOf());
      expect(told(view.flush())).toEqual([]);
    }
  });

  it('keeps an id online while any copy of it counts', () => {
    const view = new View();
    view.set(h1, id, entryOf());
    view.set(h2, id, entryOf());
    expect(told(view.flush())).toEqual(['online']);
    view.set(h1, id, undefined);
    expect(view.flush()).toEqual([]);
    view.set(h2, id, undefined);
    expect(told(view.flush())).toEqual(['offline expired']);
  });

  it('lists what is unhealthy beside what is online, and tells of each change of either', () => {
    const view = new View();
    const changed: RegistrationId[] = [];
    view.onChange((one) => changed.push(one));
    const listed = (): [online: number, unhealthy: number] => [view.online.size, view.unhealthy.size];
    const states: [Parameters<typeof entryOf>[0] | undefined, [number, number]][] = [
      [{ unhealthy: 'x' }, [0, 1]],
      [{ unhealthy: 'y' }, [0, 1]],
      [{}, [1, 0]],
      [{ unhealthy: 'x' }, [0, 1]],
      [undefined, [0, 0]],
    ];
    for (const [index, [state, expected]] of states.entries()) {
      view.set(h1, id, state && entryOf({ rev: index + 1, ...state }));
      expect({ listed: listed(), changed: changed.length }).toEqual({ listed: expected, changed: index + 1 });
    }
  });

  it('tells at once of each id that ends, and not of one that is unhealthy or has another copy', () => {
    const view = new View();
    const gone: RegistrationId[] = [];
    view.onGone((one) => gone.push(one));
    view.set(h1, id, entryOf());
    view.set(h2, id, entryOf({ rev: 2, unhealthy: 'x' }));
    view.set(h1, other, entryOf({ life: 'life-2' }));
    view.set(h1, id, undefined);
    expect(gone).toEqual([]);
    view.set(h2, id, undefined);
    expect(gone).toEqual([id]);
    view.setReleased(h2, other, [asLife('life-2')]);
    view.set(h1, other, undefined);
    expect(gone).toEqual([id, other]);
  });

  it('says why: lost daemons, deletions', () => {
    const view = new View();
    view.set(h1, id, entryOf());
    view.set(h1, other, entryOf({ life: 'life-2' }));
    view.flush();
    view.setLapsed(h1, id, true);
    expect(told(view.flush())).toEqual(['offline daemon-lost']);
    view.setReleased(h2, other, [asLife('life-2')]);
    expect(told(view.flush())).toEqual(['offline deregistered']);
  });

  it('says that it was replaced, though it hears of that and of the end of the release at once', () => {
    const view = new View();
    view.set(h1, id, entryOf());
    view.flush();
    view.setReleased(h2, id, [asLife('life-1')], [asLife('life-1')]);
    view.set(h1, id, undefined);
    view.setReleased(h2, id, []);
    expect(told(view.flush())).toEqual(['offline replaced']);
  });

  it('never counts a released life, whatever its rev and whenever it comes', () => {
    const view = new View();
    view.setReleased(h1, id, [asLife('life-1')]);
    view.set(h2, id, entryOf({ rev: 99 }));
    expect(view.winner(id)).toBeUndefined();
    view.set(h3, id, entryOf({ life: 'life-2', rev: 1 }));
    expect(view.winner(id)?.entry.life).toBe('life-2');
  });

  it('takes a life for released while anybody says so', () => {
    const view = new View();
    view.set(h3, id, entryOf());
    view.setReleased(h1, id, [asLife('life-1')]);
    view.setReleased(h2, id, [asLife('life-1'), asLife('life-0')]);
    view.setReleased(h1, id, []);
    expect(view.isReleased(asLife('life-1'))).toBe(true);
    view.setReleased(h2, id, [asLife('life-0')]);
    expect(view.isReleased(asLife('life-1'))).toBe(false);
    expect(view.winner(id)?.holder).toBe('h3');
  });

  it('counts a new entry of a holder anew, though its last one had lapsed', () => {
    const view = new View();
    view.set(h1, id, entryOf());
    view.setLapsed(h1, id, true);
    view.set(h1, id, entryOf({ rev: 2 }));
    expect(view.winner(id)?.entry.rev).toBe(2);
  });

  it('says nothing of what begins and ends between two flushes', () => {
    const view = new View();
    view.set(h1, id, entryOf());
    view.set(h1, id, undefined);
    expect(view.flush()).toEqual([]);
    view.set(h1, id, entryOf());
    view.flush();
    view.set(h1, id, undefined);
    view.set(h2, id, entryOf());
    expect(view.flush()).toEqual([]);
  });

  it('says updated for another value, and nothing for another holder, life or rev of the same value', () => {
    const view = new View();
    view.set(h1, id, entryOf());
    view.flush();
    view.set(h2, id, entryOf({ rev: 2, life: 'life-2' }));
    expect(view.flush()).toEqual([]);
    view.set(h2, id, entryOf({ rev: 3, meta: { zone: 'b' } }));
    expect(told(view.flush())).toEqual(['updated']);
  });

  it('is what the rule says after each piece of news', () => {
    fc.assert(
      fc.property(fc.array(news, { maxLength: 40 }), (all) => {
        const [view, naive] = [new View(), new NaiveView()];
        for (const one of all) {
          tell(view, one);
          naive.tell(one);
          for (const each of [id, other]) expect(view.winner(each)?.entry).toEqual(naive.winner(each));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is the same for the same news, whatever the order in which those of different holders arrive', () => {
    fc.assert(
      fc.property(fc.array(news, { maxLength: 40 }), fc.nat(), (all, seed) => {
        const [one, two] = [new View(), new View()];
        for (const each of all) tell(one, each);
        for (const each of shuffled(all, seed)) tell(two, each);
        expect(contentOf(two)).toEqual(contentOf(one));
        expect(two.online.select({})).toEqual(one.online.select({}));
      }),
      { numRuns: 300 },
    );
  });

  it('tells its watchers online and offline in turn, and nothing else that is so', () => {
    const steps = fc.oneof({ weight: 3, arbitrary: news }, { weight: 1, arbitrary: fc.constant('flush' as const) });
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (all) => {
        const view = new View();
        const picture = new Map<string, unknown>();
        const flush = (): void => {
          const events = view.flush().map((transition) => transition.toEvent());
          expect(new Set(events.map(({ registration }) => registration.id)).size).toBe(events.length);
          for (const { type, registration } of events) {
            expect(picture.has(registration.id)).toBe(type !== 'online');
            if (type === 'offline') picture.delete(registration.id);
            else picture.set(registration.id, registration.draining);
          }
          const online = view.online.select({}).map(([one, entry]) => [one, isDraining(entry)]);
          expect([...picture].sort()).toEqual(online);
        };
        for (const one of all) {
          if (one === 'flush') flush();
          else tell(view, one);
        }
        flush();
      }),
      { numRuns: 300 },
    );
  });
});
