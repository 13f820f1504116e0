/** Waiting until enough instances have been online for long enough. */

import { type Client, Picture } from '../client/index.js';
import { ruledText } from '../model/drain-rule.js';
import { TimedOutError, UnreachableError } from '../model/errors.js';
import { exactly } from './durations.js';
import { Stability } from '../model/stability.js';

/** Node fires timers above this at once. */
const longestTimeoutMs = 2 ** 31 - 1;

export interface StableOptions {
  app: string;
  version: string;
  /** How many must be online and not draining. */
  atLeast: number;
  /** ms for which so many must have been online without a break. */
  stableForMs: number;
  /** ms until so many must be online. Those that are then still have the time to prove themselves. */
  timeoutMs: number;
  onProgress: (text: string) => void;
}

/**
 * Resolves once it is so. It survives the loss of daemons, and trusts none that is warming or stale. Throws
 * TimedOutError; UnreachableError if no daemon had anything to say in all that time.
 */
export async function untilStable(client: Pick<Client, 'events'>, options: StableOptions): Promise<void> {
  const { app, version, atLeast, stableForMs, timeoutMs, onProgress } = options;
  const what = `${app}@${version}`;
  const deadline = performance.now() + timeoutMs;
  const stability = new Stability(stableForMs);
  const picture = new Picture();
  const over = new AbortController();
  let [isConnected, isKnown, hadEnough, isStable] = [false, false, false, false];
  let trouble = 'no daemon has answered';
  /** What drain rules keep from counting, as the end of a message. */
  let ruled = '';

  /** Ends the wait if it is over; otherwise at the time at which that may be so. */
  let timer: NodeJS.Timeout | undefined;
  const review = (): void => {
    clearTimeout(timer);
    const now = performance.now();
    const stableAt = isConnected ? stability.stableAt(atLeast) : Infinity;
    isStable = stableAt <= now;
    const endsAt = stableAt < Infinity ? stableAt : deadline;
    if (isStable || endsAt <= now) over.abort();
    else timer = setTimeout(review, Math.min(longestTimeoutMs, Math.ceil(endsAt - now)));
  };

  review();
  try {
    const events = client.events(
      { app, version, types: ['online', 'offline', 'updated'] },
      {
        signal: over.signal,
        trusted: true,
        persistent: true,
        onDisconnect: ({ reason }) => {
          trouble = reason;
          isConnected = false;
          review();
        },
      },
    );
    for await (const { event } of events) {
      if (event.type === 'condition') continue;
      isConnected = isKnown = true;
      picture.apply(event);
      stability.update(picture.registrations, performance.now());
      const { online } = stability;
      hadEnough ||= online >= atLeast;
      ruled = ruledText(picture.registrations);
      if (online < atLeast) onProgress(`${online} of ${what} online, waiting for ${atLeast}${ruled}`);
      else if (stableForMs > 0)
        onProgress(`${online} of ${what} online, switching if that lasts for ${exactly(stableForMs)}`);
      review();
    }
  } finally {
    clearTimeout(timer);
  }
  if (isStable) return;
  if (!isKnown) throw new UnreachableError(`within ${exactly(timeoutMs)}: ${trouble}`);
  if (!hadEnough || stableForMs === 0)
    throw new TimedOutError(`${stability.online} of ${what} online, not ${atLeast}${ruled}`);
  throw new TimedOutError(`${atLeast} of ${what} never online for ${exactly(stableForMs)} without a break`);
}
