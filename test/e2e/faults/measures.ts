/** How long things took: the figures of docs/reliability.md. */

import type { History } from './history.js';
import type { Story } from './story.js';

/** Samples in ms by what they measure. */
export class Measures {
  readonly #samples = new Map<string, number[]>();

  add(what: string, ...samples: number[]): void {
    if (samples.length === 0) return;
    this.#samples.set(what, [...(this.#samples.get(what) ?? []), ...samples]);
  }

  toString(): string {
    const rows = [...this.#samples].map(([what, samples]) => {
      const sorted = samples.toSorted((a, b) => a - b);
      const at = (part: number): string =>
        sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!.toFixed(0);
      return `| ${what} | ${sorted.length} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`;
    });
    return ['| ms | samples | p50 | p99 | max |', '|---|---|---|---|---|', ...rows].join('\n');
  }
}

/** From sending a registration until each daemon has said so. */
export const announcements = (history: History, stories: Iterable<Story>, id: string): number[] => {
  const { sent } = history.attempts(id).find(({ outcome }) => outcome !== 'refused')!;
  return [...stories].map(({ picture }) => picture.get(id)! - sent);
};

/** From sending the last request that may have arrived, a renewal or a delete, until each daemon says offline. */
export const departures = (history: History, stories: Iterable<Story>, id: string): number[] => {
  const { sent } = history.attempts(id).findLast(({ outcome }) => outcome !== 'refused')!;
  return [...stories].flatMap(({ transitions }) => {
    const gone = transitions.findLast((one) => one.id === id && !one.online);
    return gone ? [gone.at - sent] : [];
  });
};

/** From one moment until each of the others that is told of a daemon's loss says so. */
export const losses = ({ told }: History, name: string, from: number): number[] =>
  told.flatMap((one) => (one.type === 'daemon-offline' && one.about === name && one.at >= from ? [one.at - from] : []));

/**
 * For each registration that the daemons disagreed about at a moment or later: from then on, or from its
 * last registration since, until they agreed for good.
 */
export function convergences(history: History, stories: readonly Story[], from: number): number[] {
  const changes = stories
    .flatMap(({ transitions }) => transitions)
    .filter(({ id, at }) => at >= from && history.services.has(id));
  return [...new Set(changes.map(({ id }) => id))].map((id) => {
    const own = changes.filter((change) => change.id === id).sort((a, b) => a.at - b.at);
    const registered = history.acknowledged(id).findLast(({ kind, ended }) => kind === 'register' && ended > from);
    return Math.max(0, own.at(-1)!.at - Math.max(from, registered?.ended ?? from));
  });
}
