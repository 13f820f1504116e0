/**
 * Long work in slices, so that no turn of the event loop becomes long by it: lists of thousands, snapshots, histories.
 *
 * Such work is a generator that yields wherever it may be interrupted, at the latest after about a millisecond. What
 * must be of one moment it reads before it yields for the first time.
 */

export type Sliced<T> = Generator<void, T>;

/** ms that work may take at once: most is done by then. */
const firstSliceMs = 4;
/** ms per turn for all that takes longer. */
const turnSliceMs = 8;

/** Advances the work; true once it is done. */
type Step = (untilMs: number) => boolean;

const waiting: Step[] = [];

/** The result of `work`: at once if it is short, else as a promise. */
export function inSlices<T>(work: Sliced<T>): T | Promise<T> {
  const first = advance(work, performance.now() + firstSliceMs);
  if (first.done) return first.value;
  return new Promise((resolve, reject) => {
    const step: Step = (untilMs) => {
      try {
        const next = advance(work, untilMs);
        if (next.done) resolve(next.value);
        return next.done === true;
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        return true;
      }
    };
    if (waiting.push(step) === 1) setImmediate(runWaiting);
  });
}

/** In turns, so that short work does not wait for all of a long one. */
function runWaiting(): void {
  const untilMs = performance.now() + turnSliceMs;
  do {
    const step = waiting.shift()!;
    if (!step(Math.min(untilMs, performance.now() + turnSliceMs / 4))) waiting.push(step);
  } while (waiting.length > 0 && performance.now() < untilMs);
  if (waiting.length > 0) setImmediate(runWaiting);
}

function advance<T>(work: Sliced<T>, untilMs: number): IteratorResult<void, T> {
  let next = work.next();
  while (!next.done && performance.now() < untilMs) next = work.next();
  return next;
}
