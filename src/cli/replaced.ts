/**
 * What a deployment leaves behind: the instances of the version before. They are drained, with a reason by which a
 * rollback knows them again.
 */

import { type Client, waitFor } from '../client/index.js';
import { formatTarget, type Target } from '../model/catalog.js';
import { drainedMatcher, ignoreGone, type SetState } from '../model/drained.js';
import { TimedOutError, UnreachableError } from '../model/errors.js';
import { hostPort, type Registration } from '../model/registration.js';
import { replacedIn, replacedMatcher, replacedReason, type Switched } from '../model/replaced.js';
import { exactly } from './durations.js';

/** Instances that are named of those that something waits for. */
const mostNamed = 3;

export type { Switched };

export interface DrainedReplaced {
  /** Those that drain now. */
  drained: Registration[];
  /** Those that another backend sends callers to, and the name of that backend: they are left as they are. */
  shared: { registration: Registration; backend: string }[];
}

/** Drains the instances that only `before` sent callers to. */
export async function drainReplaced(
  client: Pick<Client, 'registrations' | 'setState' | 'backends'>,
  switched: Switched,
): Promise<DrainedReplaced> {
  const registrations = await client.registrations({ app: switched.before.app });
  const { own, shared } = replacedIn(switched, registrations, await client.backends());
  const state = { draining: true, reason: replacedReason(switched) };
  const result: DrainedReplaced = { drained: own.filter(({ draining }) => draining), shared };
  for (const one of own.filter(({ draining }) => !draining))
    await setStateBy(client)(one, state).then((now) => result.drained.push(now as Registration), ignoreGone);
  return result;
}

/** The instances of `target` that a deployment of this backend has drained. */
export const drainedInstances = async (
  client: Pick<Client, 'registrations'>,
  backend: string,
  target: Target,
): Promise<Registration[]> => (await client.registrations({ app: target.app })).filter(drainedMatcher(backend, target));

/** Sets the states of instances through `client`. */
export const setStateBy =
  (client: Pick<Client, 'setState'>): SetState =>
  (one, state) =>
    client.setState(one, state, { instance: one.instance });

/**
 * Waits until none of the replaced instances is online, except `shared` ones.
 * @throws TimedOutError  if something still is after `forMs`, as far as is known
 */
export async function untilGone(
  client: Pick<Client, 'events'>,
  switched: Switched,
  { drained, shared }: DrainedReplaced,
  forMs: number,
  onProgress: (text: string) => void,
): Promise<void> {
  let left = drained.length;
  if (left === 0) return;
  const what = formatTarget(switched.before);
  const isReplaced = replacedMatcher(switched);
  const spared = new Set<string>(shared.map(({ registration }) => registration.id));
  const isGone = (registrations: Registration[]): boolean => {
    const rest = registrations.filter((one) => isReplaced(one) && !spared.has(one.id));
    left = rest.length;
    const named = rest.slice(0, mostNamed).map(hostPort);
    if (left > mostNamed) named.push('…');
    onProgress(`${left} of ${what} still online${left > 0 ? `: ${named.join(', ')}` : ''}`);
    return left === 0;
  };
  try {
    await waitFor(client, { app: switched.before.app }, isGone, { timeoutMs: forMs });
  } catch (error) {
    if (!(error instanceof TimedOutError || error instanceof UnreachableError)) throw error;
    throw new TimedOutError(
      `'${switched.after.name}' was switched, but after ${exactly(forMs)} ${left} of ${what} still online: stop what is left`,
    );
  }
}
