/** `bender status --cluster`: one line for each daemon of a cluster, and whether all is well. */

import type { DaemonState } from '../model/daemon.js';
import { results } from './colors.js';
import type { Survey } from './survey.js';
import { roughly } from './durations.js';
import type { Listing } from './listings.js';

export interface Member {
  name: string;
  url: string;
  /** `unreached`: it did not answer here, although other daemons may hear it. */
  state: 'ready' | 'warming' | 'stale' | 'unreached';
  /** Why it is not ready. */
  reason?: string;
  /** What others say of a daemon that did not answer. */
  seen?: DaemonState;
  version?: string;
  /** ms */
  uptime?: number;
  /** Registrations that are online in its view, and those that it holds. */
  registrations?: number;
  held?: number;
}

/** All daemons that answered, and those that they know and that did not. Sorted by name. */
export function membersOf({ answers, silent }: Survey): Member[] {
  const known = answers.flatMap(({ daemons }) => daemons);
  const answered = answers.map(({ url, status }): Member => {
    const { name, version, uptime, ready, stale, counts } = status;
    const state = stale ? 'stale' : ready ? 'ready' : 'warming';
    return { name, url, state, version, uptime, registrations: counts.registrations, held: counts.held };
  });
  const unreached = silent.map(({ url, name = url, reason }): Member => {
    const seen = known.find((one) => one.url === url && one.state !== 'left')?.state;
    return { name, url, state: 'unreached', reason, ...(seen && { seen }) };
  });
  return [...answered, ...unreached].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

/** Whether every daemon answers and is ready. */
export const isWell = (members: readonly Member[]): boolean => members.every(({ state }) => state === 'ready');

const colors: Record<Member['state'], (text: string) => string> = {
  ready: results.green,
  warming: results.yellow,
  stale: results.red,
  unreached: results.red,
};

export const memberListing: Listing<Member> = {
  plural: 'daemons',
  nameOf: ({ name }) => name,
  columns: {
    DAEMON: ({ name }) => name,
    URL: ({ url }) => url,
    STATE: ({ state }) => colors[state](state),
    ONLINE: ({ registrations }) => String(registrations ?? ''),
    HOLDS: ({ held }) => String(held ?? ''),
    UP: ({ uptime }) => (uptime === undefined ? '' : roughly(uptime)),
    VERSION: ({ version }) => version ?? '',
    NOTE: {
      cell: ({ reason, seen }) => [...(seen ? [`${seen} for the others`] : []), ...(reason ? [reason] : [])].join('; '),
      isLong: true,
    },
  },
};
