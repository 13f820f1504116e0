/** What one registry does in a second, and what memory it takes. */

import { size } from '../helpers/options.js';
import type { Side, Started } from './side.js';

export const live = size(10_000, 200);

/** ms that filling may have taken where ten times as many are tried, too. */
const quick = 3000;

export interface Figures extends Record<string, number> {
  fillMs: number;
  /** MB with so many registered. */
  rss: number;
  register: number;
  renew: number;
  query: number;
}

/** Of a fresh one, so that what was registered before is no part of it. */
export const measure = (side: Side): Promise<Figures> =>
  withStarted(side, async (started) => {
    const begun = performance.now();
    await started.fill(live);
    const fillMs = performance.now() - begun;
    const rss = started.rss();
    const [renew, query] = [await started.renew(live), await started.query(live)];
    return { fillMs, rss, renew, query, register: await started.register(live) };
  });

/** MB with ten times as many; NaN where they would take too long. */
export const measureMany = (side: Side, { fillMs }: Figures): Promise<number> =>
  fillMs > quick
    ? Promise.resolve(NaN)
    : withStarted(side, async (started) => {
        await started.fill(10 * live);
        return started.rss();
      });

async function withStarted<T>(side: Side, work: (started: Started) => Promise<T>): Promise<T> {
  const started = await side.start();
  try {
    return await work(started);
  } finally {
    await started.stop();
  }
}
