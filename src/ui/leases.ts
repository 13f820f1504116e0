/**
 * How long the instances that are shown stay registered without a renewal. Leases are not replicated, so the daemon is
 * asked, and asks the holders: once a second, while the page is seen and shows an instance.
 */

import { type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { LeaseInfo } from '../model/lease.js';
import { limits } from '../model/limits.js';
import { api, ApiError } from './api.js';
import { nextOf, type Remaining, remainingOf } from './state/remaining.js';
import { connection } from './store.js';

/** ms between two requests. If more is shown than goes into one, each instance has its turn at a later one. */
const everyMs = 1000;

/** Of one URL: daemons refuse a longer one. */
const mostCharacters = 8000;

interface Known {
  /** In how many places it is shown. */
  places: number;
  info: Signal<LeaseInfo | undefined>;
  /** Another object only if it looks different. */
  remaining: Signal<Remaining | undefined>;
}

const shown = new Map<string, Known>();

function known(id: string): Known {
  let one = shown.get(id);
  if (!one) shown.set(id, (one = { places: 0, info: signal(undefined), remaining: signal(undefined) }));
  return one;
}

/** For as long as the component that calls this is shown, the lease is asked for. */
function useKnown(id: string): Known {
  const one = known(id);
  useEffect(() => {
    one.places++;
    shown.set(id, one);
    return () => void one.places--;
  }, [one]);
  return one;
}

/** All that is known of a lease; undefined until the daemon has said. */
export const useLease = (id: string): LeaseInfo | undefined => useKnown(id).info.value;

/** What is left of a lease, for what is drawn again only if it looks different. */
export const useRemaining = (id: string): Remaining | undefined => useKnown(id).remaining.value;

export function followLeases(): void {
  let at = 0;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    // Not when it is no longer shown in one place: it may be about to be shown in another one.
    for (const [id, { places }] of shown) if (places === 0) shown.delete(id);
    const all = [...shown.keys()];
    if (isAsking || document.hidden || connection.peek() !== 'open' || all.length === 0) return;
    isAsking = true;
    if (at >= all.length) at = 0;
    const ids = nextOf(all, at, limits.leases, mostCharacters);
    at += ids.length;
    try {
      take(ids, await api.leases(ids));
    } catch (error) {
      // The stream says that the daemon is gone.
      if (!(error instanceof ApiError)) throw error;
    } finally {
      isAsking = false;
    }
  };
  setInterval(() => void ask(), everyMs);
}

function take(ids: readonly string[], infos: readonly LeaseInfo[]): void {
  const byId = new Map<string, LeaseInfo>(infos.map((info) => [info.id, info]));
  for (const id of ids) {
    const one = shown.get(id);
    if (!one) continue;
    const info = byId.get(id);
    one.info.value = info;
    const [before, now] = [one.remaining.peek(), info && remainingOf(info)];
    if (before?.parts !== now?.parts || before?.late !== now?.late) one.remaining.value = now;
  }
}
