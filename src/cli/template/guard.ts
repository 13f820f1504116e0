/**
 * Keeps what a proxy needs from vanishing without anybody having wanted it: a registry that was restarted
 * empty, or cannot be reached by the services, looks just like one from which everything was removed.
 */

import type { Deleted, Known, Lasting, Pool } from './known.js';
import { by } from './known.js';
import { normalizeHost } from '../../model/host.js';
import { hostPort, type Registration } from '../../model/registration.js';

export interface Guarded {
  known: Known;
  /** What was kept of the last good state against what is said now, in words; empty if nothing had to be. */
  kept: string[];
}

/**
 * What to render, given what was rendered `last` and what is known `now`:
 * 1. A backend that had registrations and has none keeps those it had.
 * 2. A backend or frontend that is no longer there stays, unless its deletion was seen.
 * 3. If there were registrations at all and are none, all stay.
 * 4. Nothing stays at an address where another registration is online: callers would reach another app.
 */
export function guard(last: Lasting | undefined, now: Known, deleted: Deleted): Guarded {
  if (last === undefined) return { known: now, kept: [] };
  const kept: string[] = [];

  const before = new Map(last.backends.map((pool) => [pool.name, pool]));
  const backends = now.backends.map((pool): Pool => {
    const registrations = stillTheirs(before.get(pool.name)?.registrations ?? [], now);
    if (pool.registrations.length > 0 || registrations.length === 0) return pool;
    kept.push(`nothing is online for backend ${pool.name}: keeping ${count(registrations, 'server')}`);
    return { ...pool, registrations };
  });
  for (const gone of vanished(last.backends, now.backends, deleted.backends)) {
    const pool = { ...gone, registrations: stillTheirs(gone.registrations, now) };
    backends.push(pool);
    kept.push(`backend ${pool.name} is gone, but was not deleted: keeping ${count(pool.registrations, 'server')}`);
  }

  const frontends = [...now.frontends];
  for (const frontend of vanished(last.frontends, now.frontends, deleted.frontends)) {
    frontends.push(frontend);
    kept.push(`frontend ${frontend.name} is gone, but was not deleted: keeping it`);
  }

  const allGone = now.registrations.length === 0 && last.registrations.length > 0;
  if (allGone) kept.push(`nothing is online at all: keeping ${count(last.registrations, 'registration')}`);

  return {
    known: {
      ...now,
      backends: backends.sort(by(({ name }) => name)),
      frontends: frontends.sort(by(({ name }) => name)),
      registrations: allGone ? last.registrations : now.registrations,
    },
    kept,
  };
}

/** Those of `kept` whose address no other has now. Ports and container addresses come back within seconds. */
function stillTheirs<T extends Registration>(kept: T[], { registrations, daemons }: Known): T[] {
  const owners = new Map<string, string>(registrations.map((one) => [hostPort(one), one.id]));
  const taken = new Set(daemons.map(({ url }) => new URL(url).host));
  return kept.filter((one) => {
    const address = hostPort({ ...one, host: normalizeHost(one.host) });
    return (owners.get(address) ?? one.id) === one.id && !taken.has(address);
  });
}

function vanished<T extends { name: string }>(before: T[], now: T[], deleted: ReadonlySet<string>): T[] {
  const names = new Set(now.map(({ name }) => name));
  return before.filter(({ name }) => !names.has(name) && !deleted.has(name));
}

const count = ({ length }: unknown[], noun: string): string => `${length} ${noun}${length === 1 ? '' : 's'}`;
