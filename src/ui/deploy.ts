/** Switches a backend to another version as `bender deploy` does: it waits, switches, and drains the version before. */

import type { Target } from '../model/catalog.js';
import { drainedMatcher, ignoreGone, type SetState, withUndrained } from '../model/drained.js';
import { replacedIn, replacedReason } from '../model/replaced.js';
import type { Registration } from '../model/registration.js';
import { api } from './api.js';
import { StableWait, type Wanted } from './state/stable-wait.js';
import { board, caveats, connection } from './store.js';

/** ms between two looks at what is online. */
const lookEveryMs = 250;

export interface Deployment {
  name: string;
  app: string;
  version: string;
  /** 0: at once, whatever is online. */
  atLeast: number;
  stableForMs: number;
  /** Whether to drain what only the version before was served by. */
  drains: boolean;
}

/**
 * Rejects with the reason of `over` if that aborts before the switch: nothing has been changed then.
 *
 * @param onWait  told what the deployment waits for, as a sentence; an empty one when it no longer waits
 */
export async function deploy(
  deployment: Deployment,
  onWait: (missing: string) => void,
  over: AbortSignal,
): Promise<void> {
  const { name, app, version, atLeast, stableForMs, drains } = deployment;
  const target = { app, version };
  // A deployment back to a version that the last deployment has drained.
  const drained = atLeast > 0 ? drainedOf(name, target) : [];
  const switched = await withUndrained(drained, setState, async () => {
    if (atLeast > 0) await untilStable({ target, atLeast, stableForMs }, onWait, over);
    const before = board.backends.get(name);
    const after = await api.deploy(name, version, atLeast);
    return { before: before ?? after, after };
  });
  if (!drains) return;
  const { own } = replacedIn(switched, registered(app), board.backends.values());
  try {
    for (const one of own)
      if (!one.draining) await setState(one, { draining: true, reason: replacedReason(switched) }).catch(ignoreGone);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`'${name}' is switched, but not all of the version before is drained: ${why}`, { cause: error });
  }
}

/** The instances of `target` that a deployment of `backend` has drained. */
export const drainedOf = (backend: string, target: Target): Registration[] =>
  registered(target.app).filter(drainedMatcher(backend, target));

export const setState: SetState = (one, { draining, reason = '' }) => api.setDraining(one, draining, reason);

/** Those of an app that are online. */
export const registered = (app: string): Registration[] =>
  [...board.groups.values()].filter((group) => group.app === app).flatMap(({ online }) => [...online.values()]);

async function untilStable(wanted: Wanted, onWait: (missing: string) => void, over: AbortSignal): Promise<void> {
  const wait = new StableWait(wanted, performance.now());
  try {
    for (;;) {
      over.throwIfAborted();
      const { warming, stale } = caveats.peek();
      const isTrusted = connection.peek() === 'open' && !warming && !stale;
      const missing = wait.look(registered(wanted.target.app), isTrusted, performance.now());
      if (missing === undefined) return;
      onWait(missing);
      await pause(lookEveryMs, over);
    }
  } finally {
    onWait('');
  }
}

/** Resolves at once if `over` aborts. */
const pause = (ms: number, over: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    over.addEventListener('abort', done);
  });
