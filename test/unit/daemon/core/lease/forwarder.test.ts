import { type Forwarded, Forwarder } from '../../../../../src/daemon/core/lease/forwarder.js';
import type { ForwardedRenewal } from '../../../../../src/daemon/core/replication/frame.js';
import { entryOf } from '../../../../helpers/samples.js';
import { World } from '../../../../helpers/world.js';
import { asId } from '../../../../../src/model/registration.js';

const url = 'http://b.example:1729';
const of = (id: string, change?: Forwarded['change']): Forwarded => ({
  id: asId(id),
  entry: entryOf(),
  change,
});

/** A forwarder, what it has sent and when, and what came back to it. */
function bench(
  answer: () => Promise<readonly number[]> = () => Promise.resolve([]),
  keep?: (renewals: Forwarded[]) => void,
) {
  const world = new World(1);
  const sent: { at: number; url: string; renewals: ForwardedRenewal[] }[] = [];
  const bugs: string[] = [];
  const kept: { at: number; ids: string[] }[] = [];
  const forwarder = new Forwarder(
    { after: (ms, run) => world.after(ms, run), defer: (run) => void world.after(0, run) },
    (to, renewals) => {
      sent.push({ at: world.time, url: to, renewals });
      return answer();
    },
    keep ?? ((renewals) => kept.push({ at: world.time, ids: renewals.map(({ id }) => id) })),
    { error: (_, message) => void bugs.push(message) },
  );
  return { world, forwarder, sent, kept, bugs };
}

const never = () => new Promise<never>(() => {});

describe('the forwarder', () => {
  it('logs a bug in taking over what was refused, and goes on', async () => {
    const { world, forwarder, sent, bugs } = bench(
      () => Promise.resolve([0]),
      () => {
        throw new TypeError('undefined is not a function');
      },
    );
    forwarder.forward(url, of('a'));
    await world.advance(300);
    expect(bugs).toEqual(['taking over renewals failed because of a bug in bender']);
    forwarder.forward(url, of('a'));
    await world.advance(300);
    expect(sent).toHaveLength(2);
  });

  it('collects renewals for 50 ms and sends each holder its own in one piece', async () => {
    const { world, forwarder, sent, kept } = bench();
    forwarder.forward(url, of('a'));
    await world.advance(30);
    forwarder.forward(url, of('b'));
    forwarder.forward('http://c.example:1729', of('c'));
    await world.advance(19);
    expect(sent).toEqual([]);
    await world.advance(100);
    expect(sent.map((one) => [one.at, one.url, one.renewals.map(([id]) => id)])).toEqual([
      [50, url, ['a', 'b']],
      [80, 'http://c.example:1729', ['c']],
    ]);
    expect(kept).toEqual([]);
  });

  it('sends what one message may have, however much is said anew of the instances', async () => {
    const { world, forwarder, sent } = bench();
    for (let index = 0; index < 1000; index++)
      forwarder.forward(url, of(`id-${index}`, { meta: { text: 'x'.repeat(4000) } }));
    await world.advance(50);
    expect(sent.flatMap(({ renewals }) => renewals)).toHaveLength(1000);
    for (const { renewals } of sent) expect(JSON.stringify(renewals).length).toBeLessThan(1024 * 1024);
  });

  it('sends one renewal for an id that was renewed several times, with all that was changed', async () => {
    const { world, forwarder, sent } = bench();
    forwarder.forward(url, of('a', { ttl: 5000, meta: { a: 1 } }));
    forwarder.forward(url, of('a'));
    forwarder.forward(url, of('a', { ttl: 6000 }));
    forwarder.forward(url, of('b'));
    await world.advance(50);
    expect(sent[0]!.renewals).toEqual([
      ['a', 'life-1', 1, { ttl: 6000, meta: { a: 1 } }],
      ['b', 'life-1', 1],
    ]);
  });

  it('sends an update at once, and what it has collected with it', async () => {
    const { world, forwarder, sent } = bench();
    forwarder.forward(url, of('a'));
    await world.advance(10);
    forwarder.forward(url, { ...of('b', { ttl: 5000 }), isUpdate: true });
    expect(sent.map((one) => [one.at, one.renewals.length])).toEqual([[10, 2]]);
    await world.advance(100);
    expect(sent).toHaveLength(1);
  });

  it('does not wait where there is enough for a batch', () => {
    const { forwarder, sent } = bench();
    for (let n = 0; n < 5001; n++) forwarder.forward(url, of(`${n}`));
    expect(sent.map(({ renewals }) => renewals.length)).toEqual([5000]);
  });

  it('sends what is waiting at once when it is told to, and once', async () => {
    const { world, forwarder, sent } = bench();
    forwarder.forward(url, of('a'));
    forwarder.flush();
    await world.advance(1000);
    expect(sent).toHaveLength(1);
  });

  it('gives back exactly what the holder refuses', async () => {
    const { world, forwarder, kept } = bench(() => Promise.resolve([1, 7]));
    for (const id of ['a', 'b', 'c']) forwarder.forward(url, of(id));
    await world.advance(1000);
    expect(kept).toEqual([{ at: 50, ids: ['b'] }]);
  });

  it('gives everything back when the holder cannot be reached', async () => {
    const { world, forwarder, kept } = bench(() => Promise.reject(new Error('refused')));
    for (const id of ['a', 'b']) forwarder.forward(url, of(id));
    await world.advance(1000);
    expect(kept).toEqual([{ at: 50, ids: ['a', 'b'] }]);
  });

  it('gives everything back when nothing is acknowledged within 150 ms, by a timer of its own', async () => {
    const { world, forwarder, kept } = bench(never);
    forwarder.forward(url, of('a'));
    await world.advance(199);
    expect(kept).toEqual([]);
    await world.advance(1);
    expect(kept).toEqual([{ at: 200, ids: ['a'] }]);
  });

  it.each<[string, (settle: { resolve: (refused: number[]) => void; reject: (error: Error) => void }) => void]>([
    ['an acknowledgement', ({ resolve }) => resolve([])],
    ['a refusal', ({ resolve }) => resolve([0])],
    ['a failure', ({ reject }) => reject(new Error('late'))],
  ])('gives back nothing twice when %s comes too late', async (_, settle) => {
    const calls: Parameters<typeof settle>[0][] = [];
    const { world, forwarder, sent, kept } = bench(
      () => new Promise((resolve, reject) => void calls.push({ resolve, reject })),
    );
    forwarder.forward(url, of('a'));
    await world.advance(200);
    settle(calls[0]!);
    await world.advance(1000);
    expect([sent.length, kept.length]).toEqual([1, 1]);
  });

  it('reads an acknowledgement that arrived in time, and was waiting, before it gives up', async () => {
    let acknowledge!: () => void;
    const { world, forwarder, kept } = bench(() => new Promise((resolve) => (acknowledge = () => resolve([]))));
    forwarder.forward(url, of('a'));
    await world.advance(60);
    // The loop was busy: the timer is due, and the answer is in the socket.
    world.after(140, () => acknowledge());
    await world.advance(1000);
    expect(kept).toEqual([]);
  });

  it('gives back no update that another one has followed, but what both said with the later one', async () => {
    const { world, forwarder, sent, kept } = bench(never);
    const update = (change: Forwarded['change']): Forwarded => ({ ...of('a', change), isUpdate: true });
    forwarder.forward(url, update({ ttl: 5000, meta: { n: 1 } }));
    await world.advance(100);
    forwarder.forward(url, update({ meta: { n: 2 } }));
    forwarder.forward(url, of('a'));
    await world.advance(1000);
    expect(sent.map(({ renewals }) => renewals[0]![3])).toEqual([
      { ttl: 5000, meta: { n: 1 } },
      { ttl: 5000, meta: { n: 2 } },
      undefined,
    ]);
    // The last one said nothing new: it is no reason to forget the update.
    expect(kept).toEqual([
      { at: 250, ids: ['a'] },
      { at: 300, ids: ['a'] },
    ]);
    forwarder.forward(url, update({ ttl: 6000 }));
    expect(sent.at(-1)!.renewals).toEqual([['a', 'life-1', 1, { ttl: 6000 }]]);
  });

  it('lets go of what is waiting and of what is not acknowledged', async () => {
    const { world, forwarder, sent, kept } = bench(never);
    forwarder.forward(url, of('a'));
    await world.advance(60);
    forwarder.forward(url, of('b'));
    forwarder.drop();
    await world.advance(1000);
    expect([sent.length, kept]).toEqual([1, []]);
  });
});
