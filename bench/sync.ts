/**
 * Sync by heads (src/crdt/peer-sync.ts) or by Automerge's own sync states? Two daemons in one process, wired
 * directly, the same holdings, the same CBOR around the messages. The two ways take turns, so that a busy
 * machine slows both alike: believe the ratios before the figures.
 */

import type { DocumentName } from '../src/crdt/ids.js';
import { catalogName } from '../src/crdt/catalog.js';
import { HeadsPair, type Fate, type Pair, type Remedy, SyncStatesPair } from './helpers/pairs.js';
import { duration, figure, progress, say, table, timed } from './helpers/report.js';
import { save } from './helpers/results.js';
import { median } from './helpers/statistics.js';
import { fill, seeded, Traffic } from './helpers/shapes.js';

const holdings = 'holdings' as DocumentName;

const rounds = 9;
const pushesPerRound = 200;
const roundsAtMost = 50;

type Make = (names: readonly DocumentName[], remedy?: Remedy) => Pair;
const ways: Make[] = [(names) => new HeadsPair(names), (names, remedy) => new SyncStatesPair(names, remedy)];

interface Cost {
  us: number;
  bytes: number;
  exchanges: number;
  /** These exchanges were of use only once something else had changed. */
  stuck?: boolean;
}

/** Exchanges until both sides have the same, or until it is clear that they never will. */
function settle(pair: Pair): Cost {
  const cost = { us: 0, bytes: 0, exchanges: 0 };
  while (!pair.equal() && cost.exchanges < roundsAtMost) {
    cost.us += timed(() => (cost.bytes += pair.exchange()));
    cost.exchanges++;
  }
  return cost;
}

/** Equal documents of so many entries each, written in changes of so many, and both sides knowing it. */
function together(
  make: Make,
  names: readonly DocumentName[],
  entries: number,
  perChange: number,
  remedy?: Remedy,
): Pair {
  const pair = make(names, remedy);
  for (const name of names) {
    fill(pair.document(0, name), 0, entries, perChange);
    pair.changed(0, name);
  }
  settle(pair);
  for (let more = 0; more < 3; more++) pair.exchange();
  return pair;
}

const middle = (costs: readonly Cost[]): Cost => ({
  us: median(costs.map(({ us }) => us)),
  bytes: median(costs.map(({ bytes }) => bytes)),
  exchanges: median(costs.map(({ exchanges }) => exchanges)),
  stuck: costs.some(({ stuck }) => stuck),
});

/** Both ways in turn, as often as there are rounds. */
function compare(once: ((round: number) => Cost)[]): Cost[] {
  const costs = once.map((): Cost[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [way, measure] of once.entries()) costs[way]!.push(measure(round));
  return costs.map(middle);
}

/** A change in each document, committed; then what it takes until the peer has acknowledged all of them. */
function pushes(names: readonly DocumentName[], entries: number, perChange: number): Cost[] {
  return compare(
    ways.map((make) => {
      const pair = together(make, names, entries, perChange);
      const traffic = names.map((name) => new Traffic(pair.document(0, name), entries));
      return () => {
        const costs: Cost[] = [];
        for (let push = 0; push < pushesPerRound / names.length; push++) {
          for (const [index, name] of names.entries()) {
            traffic[index]!.change(1);
            pair.changed(0, name);
          }
          let bytes = 0;
          const us = timed(() => (bytes = pair.exchange()));
          if (!pair.equal()) throw new Error('one exchange was not enough');
          costs.push({ us, bytes, exchanges: 1 });
        }
        return middle(costs);
      };
    }),
  );
}

/** A daemon that has nothing yet. */
const firstSync = (perChange: number): Cost[] =>
  compare(
    ways.map((make) => () => {
      const pair = make([holdings]);
      fill(pair.document(0, holdings), 0, 10_000, perChange);
      pair.changed(0, holdings);
      const cost = settle(pair);
      pair.free();
      return cost;
    }),
  );

/** Two daemons that both wrote the catalog while they could not reach each other, after so many common edits. */
const diverged = (edits: number, newLink: boolean): Cost[] =>
  compare(
    ways.map((make) => {
      const pair = together(make, [catalogName], edits, 1);
      const random = seeded(3);
      return () => {
        for (const side of [0, 1] as const) {
          const document = pair.document(side, catalogName);
          document.put(`backend/app-${side}`, `{"version":"${random()}"}`);
          document.commit();
          pair.changed(side, catalogName);
        }
        if (newLink) pair.forget();
        const cost = settle(pair);
        for (let more = 0; more < 3; more++) pair.exchange();
        return cost;
      };
    }),
  );

/** Exchanges after a lost one until both are equal: with nothing new, or else once the next change came. */
function afterLoss(make: Make, remedy: Remedy, fate: Fate): Cost {
  const pair = together(make, [holdings], 10_000, 1, remedy);
  const traffic = new Traffic(pair.document(0, holdings), 10_000);
  return compare([
    () => {
      traffic.change(1);
      pair.changed(0, holdings);
      pair.exchange(fate);
      // An answer that was lost leaves equal documents and one side that does not know it: the next change tells.
      if (fate === 'answer lost') {
        traffic.change(1);
        pair.changed(0, holdings);
      }
      const cost = settle(pair);
      if (cost.exchanges < roundsAtMost) return cost;
      traffic.change(1);
      pair.changed(0, holdings);
      return { ...settle(pair), stuck: true };
    },
  ])[0]!;
}

const eight = Array.from({ length: 8 }, (_, index) => `holdings/${index}` as DocumentName);
const questions: [label: string, ask: () => Cost[]][] = [
  ['push, 10,000 entries in 100 changes', () => pushes([holdings], 10_000, 100)],
  ['push, 10,000 entries in 10,000 changes', () => pushes([holdings], 10_000, 1)],
  ['8 pushes together, 8 documents of 1,250', () => pushes(eight, 1250, 1)],
  ['first sync, 10,000 entries, one per change', () => firstSync(1)],
  ['first sync, 10,000 entries, 100 per change', () => firstSync(100)],
  ['diverged after 1,000 edits, same link', () => diverged(1000, false)],
  ['diverged after 1,000 edits, new link', () => diverged(1000, true)],
];

const results = questions.map(([label, ask]) => {
  progress(label);
  return { label, costs: ask() };
});

say(
  table(
    ['', 'heads', 'sync states', 'heads / states', 'bytes: heads', 'bytes: states', 'exchanges'],
    results.map(({ label, costs: [heads, states] }) => [
      label,
      duration(heads!.us),
      duration(states!.us),
      `× ${figure(heads!.us / states!.us)}`,
      figure(heads!.bytes),
      figure(states!.bytes),
      `${heads!.exchanges} / ${states!.exchanges}`,
    ]),
  ),
);

const losses = (
  [
    ['heads', ways[0]!, 'kept'],
    ['sync states, kept', ways[1]!, 'kept'],
    ['sync states, through encode and decode', ways[1]!, 'encoded'],
    ['sync states, begun afresh', ways[1]!, 'fresh'],
  ] as const
).map(([label, make, remedy]) => {
  progress(`lost exchanges: ${label}`);
  return {
    label,
    request: afterLoss(make, remedy, 'request lost'),
    answer: afterLoss(make, remedy, 'answer lost'),
  };
});

const exchangesOf = ({ exchanges, stuck }: Cost): string => {
  if (exchanges === roundsAtMost) return `never (${roundsAtMost} tried)`;
  return stuck ? `not before another change, then ${exchanges}` : String(exchanges);
};

say();
say(
  table(
    ['exchanges until equal again', 'request lost', 'bytes', 'time', 'answer lost', 'bytes', 'time'],
    losses.map(({ label, request, answer }) => [
      label,
      ...[request, answer].flatMap((cost) => [exchangesOf(cost), figure(cost.bytes), duration(cost.us)]),
    ]),
  ),
);
save('sync', { rounds, results, losses });
