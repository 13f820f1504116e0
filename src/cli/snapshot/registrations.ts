/** Registrations in snapshots. */

import type { Client } from '../../client/index.js';
import { daemonApp } from '../../model/daemon.js';
import { BenderError } from '../../model/errors.js';
import { type Address, formatId, hostPort, type Registration } from '../../model/registration.js';
import { limits } from '../../model/limits.js';
import { numberOf } from '../number-of.js';
import type { Kept } from './snapshot.js';

/** All registrations, or those of one app: those that are online, and those that are unhealthy. */
export async function everyRegistration(client: Pick<Client, 'registrations'>, app?: string): Promise<Registration[]> {
  const query = app === undefined ? {} : { app };
  // In this order: one that recovers in between is listed twice rather than never.
  const unhealthy = await client.registrations({ ...query, state: 'unhealthy' });
  const online = await client.registrations(query);
  const known = new Set<string>(online.map(({ id }) => id));
  return [...online, ...unhealthy.filter(({ id }) => !known.has(id))];
}

/**
 * The registrations to save. Daemons are left out: they register themselves. What a drain rule drains is no decision on
 * the instance: the rule is saved by itself.
 */
export const kept = (registrations: readonly Registration[]): Kept[] =>
  registrations
    .filter(({ app }) => app !== daemonApp)
    .map(({ app, version, host, port, ttl, meta, instance, unhealthy, check, ...drain }) => ({
      ...{ app, version, host, port, ttl, meta, draining: drain.draining && drain.drainRule === undefined },
      ...(instance !== undefined && { instance }),
      ...(unhealthy !== undefined && { unhealthy }),
      ...(check && { check }),
      ...(drain.drainReason !== undefined && drain.drainRule === undefined && { drainReason: drain.drainReason }),
      ...(drain.drainUntil !== undefined && { drainUntil: drain.drainUntil }),
    }));

/**
 * Those whose app is not registered at their address, in whatever version: another version there is newer, and
 * registering the kept one would end it.
 */
export function missing(wanted: readonly Kept[], registered: readonly Registration[]): Kept[] {
  const there = new Set(registered.map(placeOf));
  return wanted.filter((one) => !there.has(placeOf(one)));
}

const placeOf = (one: Address): string => `${one.app}/${hostPort(one)}`;

export interface BroughtBack {
  back: Kept[];
  /** Whose app has been registered at their address in the meantime. */
  skipped: Kept[];
  refused: { one: Kept; error: BenderError }[];
}

/**
 * Registers each that is still missing for one TTL, by the end of which the service has to have renewed it. Whether it
 * is missing is asked once for each app, right before. One that is refused does not keep the others from coming back.
 */
export async function bringBack(
  client: Pick<Client, 'registrations' | 'register' | 'setState'>,
  wanted: readonly Kept[],
): Promise<BroughtBack> {
  const result: BroughtBack = { back: [], skipped: [], refused: [] };
  for (const app of new Set(wanted.map((one) => one.app))) {
    const ofApp = wanted.filter((one) => one.app === app);
    // Rejects if no daemon answers, which would be the same for all that follow.
    const gone = new Set(missing(ofApp, await everyRegistration(client, app)));
    result.skipped.push(...ofApp.filter((one) => !gone.has(one)));
    for (const one of gone)
      try {
        await register(client, one);
        result.back.push(one);
      } catch (error) {
        if (!(error instanceof BenderError)) throw error;
        result.refused.push({ one, error });
      }
  }
  return result;
}

async function register(
  client: Pick<Client, 'register' | 'setState'>,
  { draining, drainReason: reason, drainUntil, ...one }: Kept,
): Promise<void> {
  await client.register(one);
  const forMs = drainUntil === undefined ? undefined : drainUntil - Date.now();
  // A drain whose time is over by now, or in a moment, is over.
  if (!draining || (forMs !== undefined && forMs < limits.drainFor.min)) return;
  await client.setState(one, {
    draining,
    ...(reason !== undefined && { reason }),
    ...(forMs !== undefined && { forMs }),
  });
}

/** One error for all that were refused, with the code of the first; undefined if there are none. */
export function refusal(refused: BroughtBack['refused']): BenderError | undefined {
  if (refused.length === 0) return undefined;
  const each = refused.map(({ one, error }) => `${formatId(one)}: ${error.message}`);
  const message = `could not bring back ${numberOf(refused.length, 'registration')}: ${each.join('; ')}`;
  const { error } = refused[0]!;
  return new BenderError(error.code, message, { cause: error });
}

export const printMissing = (one: Kept): string =>
  `+ registration ${formatId(one)}${one.draining ? ' (draining)' : ''}${one.unhealthy ? ' (unhealthy)' : ''}`;
