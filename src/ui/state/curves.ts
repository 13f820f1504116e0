/**
 * How many instances of each version of an app were online, since the page was opened and for half an hour at most. A
 * point is kept only when a count changes.
 */

import type { Board } from './board.js';

interface Curve {
  /** Unix seconds. */
  times: number[];
  counts: number[];
}

/** Points that one curve keeps. */
const most = 2000;

/** Seconds that are shown. A version that ended before them is forgotten. */
const windowS = 30 * 60;

export class Curves {
  readonly #apps = new Map<string, Map<string, Curve>>();

  /** When the first count was noted. */
  #startedS: number | undefined;

  constructor(private readonly board: Pick<Board, 'groups'>) {}

  /** Notes the counts of these groups, if they have changed. */
  note(keys: Iterable<string>, nowS: number): void {
    this.#startedS ??= nowS;
    for (const key of keys) {
      const [app, version] = key.split('/') as [string, string];
      const count = this.board.groups.get(key)?.online.size ?? 0;
      const versions = this.#apps.get(app) ?? new Map<string, Curve>();
      this.#apps.set(app, versions);
      for (const [other, curve] of versions) if (hasEnded(curve, nowS - windowS)) versions.delete(other);
      const curve = versions.get(version) ?? { times: [], counts: [] };
      versions.set(version, curve);
      if (curve.counts.at(-1) === count) continue;
      curve.times.push(nowS);
      curve.counts.push(count);
      if (curve.times.length > most) curve.times.shift();
      if (curve.counts.length > most) curve.counts.shift();
    }
  }

  /** The versions of an app, and for each time the count of each: as uPlot wants them. */
  of(app: string, nowS: number): { versions: string[]; times: number[]; counts: number[][] } {
    const fromS = Math.max(this.#startedS ?? nowS, nowS - windowS);
    const curves = [...(this.#apps.get(app) ?? [])].filter(([, curve]) => !hasEnded(curve, fromS));
    const changes = curves.flatMap(([, { times }]) => times).filter((time) => time > fromS);
    const times = [...new Set([fromS, ...changes, nowS])].sort((a, b) => a - b);
    const counts = curves.map(([, curve]) => {
      let at = 0;
      return times.map((time) => {
        while (at < curve.times.length && curve.times[at]! <= time) at++;
        return at === 0 ? 0 : curve.counts[at - 1]!;
      });
    });
    return { versions: curves.map(([version]) => version), times, counts };
  }
}

/** Whether nothing of it was online since. */
const hasEnded = ({ times, counts }: Curve, sinceS: number): boolean => counts.at(-1) === 0 && times.at(-1)! < sinceS;
