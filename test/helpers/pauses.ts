/** How much sliced work (src/daemon/http/slices.ts) does at once, in counts rather than in times. */

/** What a generator has done between two pauses, by `count`, at most. */
export function mostBetweenPauses(work: Generator<void, unknown>, count: () => number): number {
  let [most, before, isOver] = [0, count(), false];
  while (!isOver) {
    isOver = work.next().done === true;
    most = Math.max(most, count() - before);
    before = count();
  }
  return most;
}
