/** What an operator's command makes of the decision on a life. */

import type { Decision } from '../../../crdt/decision.js';
import { limits } from '../../../model/limits.js';
import type { RegistrationState } from '../../../model/registration.js';
import type { Runtime } from '../runtime.js';

/**
 * The decision that follows `before`; undefined if the command changes nothing. Draining again without a reason keeps
 * the former one. Draining again always decides anew if either drain has an end.
 */
export function nextDecision(
  before: Decision | undefined,
  { draining, reason, forMs }: RegistrationState,
  runtime: Pick<Runtime, 'randomId' | 'wallNow'>,
): Decision | undefined {
  const isSo = draining === (before?.draining ?? false);
  const isSameEnd = forMs === undefined && !before?.end;
  if (isSo && (!draining || (isSameEnd && (reason === undefined || reason === before?.reason)))) return undefined;
  const why = reason ?? (isSo ? before?.reason : undefined);
  return {
    turn: Math.min((before?.turn ?? 0) + 1, limits.rev),
    draining,
    ...(why && { reason: why }),
    ...(draining && { id: runtime.randomId() }),
    ...(forMs !== undefined && { end: { left: forMs, until: runtime.wallNow() + forMs } }),
  };
}
