/**
 * What a deployment leaves behind: the instances of the version before. They are drained, with a reason by which a
 * rollback knows them again.
 */

import { type Client, waitFor } from '../client/index.js';
import type { Backend, Target } from '../model/catalog.js';
import { formatTarget } from '../model/catalog.js';
import { deployReason, drainedMatcher, ignoreGone, type SetState } from '../model/drained.js';
import { TimedOutError, UnreachableError } from '../model/errors.js';
import { limits } from '../model/limits.js';
import { hostPort, type Registration } from '../model/registration.js';
import { targetMatcher } from '../model/targets.js';
import { exactly } from './durations.js';

/** Instances that are named of those that something waits for. */
const mostNamed = 3;

/** A backend before and after a switch. */
export interface Switched {
  before: Backend;
  after: Backend;
}

/** The instances that callers of a backend are no longer sent to. */
function replacedMatcher({ before, after }: Switched): (one: Registration) => boolean {
  const [wasMeant, isMeant] = [targetMatcher(before), targetMatcher(after)];
  return (one) => wasMeant(one) && !isMeant(one);
}

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
  const { before, after } = switched;
  const others = (await client.backends()).filter(({ name }) => name !== after.name);
  const matchers = others.map((backend) => ({ backend: backend.name, matches: targetMatcher(backend) }));
  const reason = `${deployReason(after.name)} ${formatTarget(before)} -> ${formatTarget(after)}`;
  const result: DrainedReplaced = { drained: [], shared: [] };
  const replaced = (await client.registrations({ app: before.app })).filter(replacedMatcher(switched));
  for (const registration of replaced) {
    const user = matchers.find(({ matches }) => matches(registration));
    if (user) result.shared.push({ registration, backend: user.backend });
    else if (registration.draining) result.drained.push(registration);
    else
      await client
        .setState(
          registration,
          { draining: true, reason: reason.slice(0, limits.reason) },
          { instance: registration.instance },
        )
        .then((now) => result.drained.push(now), ignoreGone);
  }
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
 * Waits until none of the replaced instances is online any more, except `shared` ones.
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
