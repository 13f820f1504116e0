/** Which of the incarnations of one name is the present one. */

import type { DaemonName } from '../../../crdt/ids.js';
import type { LeaseTime } from '../../../crdt/clocks.js';
import { heartbeatEveryMs } from '../replication/timing.js';
import type { Incarnation } from './incarnation.js';

/**
 * An incarnation is gone if it is leaving, or if a later incarnation of its name has published. But a silent
 * incarnation does not replace one that is heard: it may be an old one that its successor never knew of.
 */
export function replace(published: readonly Incarnation[], now: LeaseTime, peerTimeoutMs: number): void {
  const silent = (one: Incarnation): boolean => now - one.heardAt >= peerTimeoutMs;
  const latest = new Map<DaemonName, Incarnation>();
  for (const one of published) {
    const other = latest.get(one.holdings!.owner!.name);
    if (!other || isLater(one, other)) latest.set(one.holdings!.owner!.name, one);
  }
  for (const one of published) {
    const last = latest.get(one.holdings!.owner!.name)!;
    const replaced = last !== one && (silent(one) ? one.gone || !silent(last) : !silent(last));
    one.succeededBy(replaced ? last.runId : undefined, now);
    // Another daemon may have its name. An incarnation that goes on counting is no former one.
    const goesOn =
      one.replacedBy !== undefined &&
      one.counter > one.replacedBy.counter + 1 &&
      one.heardAt > one.replacedBy.at + heartbeatEveryMs(peerTimeoutMs);
    one.setGone(one.left || (replaced && !goesOn), now);
  }
}

/** The highest generation that is known of a name; 0 if there is none. */
export function highestGeneration(all: Iterable<Incarnation>, name: DaemonName): number {
  let highest = 0;
  for (const { holdings } of all)
    if (holdings?.owner?.name === name) highest = Math.max(highest, holdings.owner.generation);
  return highest;
}

/** Whether `a` is the later incarnation of the two: the higher generation, or the same by the greater run id. */
function isLater(a: Incarnation, b: Incarnation): boolean {
  const [left, right] = [a.holdings!.owner!, b.holdings!.owner!];
  return left.generation > right.generation || (left.generation === right.generation && a.runId > b.runId);
}
