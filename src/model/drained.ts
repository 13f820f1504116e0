/**
 * The instances that a deployment has drained (`bender deploy --drain`), and how they take part again. The reason of
 * their drain tells them apart from those that an operator has drained.
 */

import type { Target } from './catalog.js';
import type { Registration, RegistrationState } from './registration.js';
import { targetMatcher } from './targets.js';

/** The beginning of the reason with which a deployment of that backend drains. */
export const deployReason = (backend: string): string => `deploy ${backend}:`;

/** Matches the instances of `target` that a deployment of `backend` has drained. */
export function drainedMatcher(backend: string, target: Target): (one: Registration) => boolean {
  const isMeant = targetMatcher(target);
  const reason = deployReason(backend);
  return (one) =>
    one.draining && one.drainRule === undefined && one.drainReason?.startsWith(reason) === true && isMeant(one);
}

/** Sets the state of this instance, and of no later one at its address. Throws NOT_FOUND if it has ended. */
export type SetState = (registration: Registration, state: RegistrationState) => Promise<unknown>;

/** Undrains one after another, and skips those that have ended. */
export async function undrain(registrations: Iterable<Registration>, setState: SetState): Promise<void> {
  for (const one of registrations) await setState(one, { draining: false }).catch(ignoreGone);
}

/**
 * Undrains `drained`, then does `switchBack`: the daemon refuses to switch to a version of which nothing takes part. If
 * either fails, drains those again that were undrained, and throws what failed first.
 */
export async function withUndrained<T>(
  drained: readonly Registration[],
  setState: SetState,
  switchBack: () => Promise<T>,
): Promise<T> {
  // One whose request fails counts too: it may have been carried out.
  const touched: Registration[] = [];
  const noted: SetState = (one, state) => {
    touched.push(one);
    return setState(one, state);
  };
  try {
    await undrain(drained, noted);
    return await switchBack();
  } catch (error) {
    for (const one of touched) {
      const state = { draining: true, ...(one.drainReason !== undefined && { reason: one.drainReason }) };
      await setState(one, state).catch(() => undefined);
    }
    throw error;
  }
}

/** An instance that has just ended need not be drained or undrained. */
export function ignoreGone(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'NOT_FOUND')) throw error;
}
