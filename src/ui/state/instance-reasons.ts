/** What the daemon says of an instance, beside what the page knows of it. */

import type { Caveats } from '../../model/events.js';
import type { ExplainAnswer, ExplainCode, Explanation, ExplainReason } from '../../model/explain.js';

/** Those of the instance itself. The others are of a frontend and its backend. */
const codes: ReadonlySet<ExplainCode> = new Set(['offline', 'unhealthy', 'draining']);

/** The reasons that hold for every frontend. */
export const ofInstance = ({ reasons }: Pick<Explanation, 'reasons'>): ExplainReason[] =>
  reasons.filter(({ code }) => codes.has(code));

/** Whether no registration is there any more. A daemon that has just started, or is cut off, cannot tell. */
export const hasEnded = ({ reasons, warming, stale }: Pick<ExplainAnswer, 'reasons' | keyof Caveats>): boolean =>
  !warming && !stale && reasons.some(({ code }) => code === 'offline');

/**
 * An explanation by what the page knows, with what the daemon says of the instance in place of that.
 *
 * @param own  undefined, or empty, if the daemon says nothing against the instance: the page is about to hear of it
 */
export function corrected(explanation: Explanation, own: readonly ExplainReason[] = []): Explanation {
  if (own.length === 0) return explanation;
  const others = explanation.reasons.filter(({ code }) => !codes.has(code));
  return { served: false, share: 0, reasons: [...own, ...others] };
}

/** The sentence about an instance that the page knows nothing of. */
export function absentText(own: readonly ExplainReason[] = []): string {
  const unhealthy = own.find(({ code }) => code === 'unhealthy');
  return unhealthy ? `It is registered, but ${unhealthy.message}.` : 'It is not online.';
}

/** Why the explanations may be wrong; undefined if they can be trusted. */
export function doubtText({ warming, stale }: Caveats): string | undefined {
  if (stale)
    return 'This daemon is cut off from most of the others. This is what it knew last, and it may be wrong now.';
  if (warming) return 'This daemon has just started. It may not know all services yet.';
  return undefined;
}
