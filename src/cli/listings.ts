/** How each kind of thing is shown in a table. */

import type { Backend, Frontend } from '../model/catalog.js';
import { formatTarget, formatVersions } from '../model/catalog.js';
import type { DaemonInfo } from '../model/daemon.js';
import type { Edit } from '../model/history.js';
import type { Meta, Registration } from '../model/registration.js';
import { hostPort } from '../model/registration.js';
import { printable } from '../model/printable.js';
import type { Weighted } from '../model/weights.js';
import { results } from './colors.js';
import { exactly, localTime, roughly } from './durations.js';

export interface Listing<T> {
  /** What to call several of them. */
  plural: string;
  /** The cell of each column, by its title. */
  columns: Record<string, (thing: T) => string>;
}

export const registrationListing: Listing<Registration> = {
  plural: 'registrations',
  columns: {
    APP: ({ app }) => app,
    VERSION: ({ version }) => version,
    ADDRESS: hostPort,
    STATE: ({ draining, drainReason }) =>
      draining
        ? results.yellow(['draining', ...(drainReason ? [`(${drainReason})`] : [])].join(' '))
        : results.green('online'),
    TTL: ({ ttl }) => exactly(ttl),
    SINCE: ({ registered }) => `${roughly(Date.now() - registered)} ago`,
    META: ({ meta }) => metaText(meta),
  },
};

/** What a backend or frontend resolves to. */
export const weightedListing: Listing<Weighted> = {
  plural: registrationListing.plural,
  columns: { ...registrationListing.columns, WEIGHT: ({ weight }) => String(weight) },
};

export const backendListing: Listing<Backend> = {
  plural: 'backends',
  columns: { BACKEND: ({ name }) => name, APP: ({ app }) => app, VERSION: formatVersions },
};

export const frontendListing: Listing<Frontend> = {
  plural: 'frontends',
  columns: { FRONTEND: ({ name }) => name, BACKEND: ({ backend }) => backend ?? '(none)' },
};

/** What a frontend serves. */
export const servedText = ({ backend }: Frontend): string => backend ?? 'no backend yet';

export const editListing: Listing<Edit> = {
  plural: 'changes',
  columns: {
    WHEN: ({ at }) => localTime(at),
    WHO: ({ author }) => author ?? '(not said)',
    WHAT: ({ kind, name }) => `${kind} ${name}`,
    FROM: (edit) => sideText(edit, 'from'),
    TO: (edit) => sideText(edit, 'to'),
    THROUGH: ({ daemon }) => daemon ?? '(not said)',
    NOTE: ({ concurrent }) => (concurrent ? results.yellow('concurrent') : ''),
  },
};

/** One side of an edit; `-` where there is nothing. */
function sideText(edit: Edit, side: 'from' | 'to'): string {
  if (edit.kind === 'backend') return edit[side] ? formatTarget(edit[side]) : '-';
  return edit[side] ? servedText(edit[side]) : '-';
}

const stateColors: Partial<Record<string, (text: string) => string>> = {
  online: results.green,
  lost: results.red,
  left: results.dim,
};

export const daemonListing: Listing<DaemonInfo> = {
  plural: 'daemons',
  columns: {
    DAEMON: ({ name }) => name,
    URL: ({ url }) => url,
    STATE: ({ state }) => (stateColors[state] ?? String)(state),
    HEARD: ({ self, lastHeard }) => (self ? 'this one' : `${roughly(lastHeard)} ago`),
    LINK: ({ roundTrip }) => (roundTrip === undefined ? '-' : `${roundTrip}ms`),
    BEHIND: ({ behind }) => (behind === undefined ? '-' : String(behind)),
    HOLDS: ({ held, fetchedAnew }) => (fetchedAnew ? `${held} (unreadable, fetched anew)` : String(held)),
    VERSION: ({ version }) => version,
  },
};

/** `KEY=VALUE` of all, as a shell would take them: in quotes where it would not be clear which word belongs to what. */
export const metaText = (meta: Meta): string => Object.entries(meta).map(pair).join(' ');

const pair = ([key, value]: [string, unknown]): string =>
  `${quoted(key, /[\s"=]/)}=${typeof value === 'string' ? quoted(value, /\s|^"/) : printable(JSON.stringify(value))}`;

const quoted = (text: string, unclear: RegExp): string =>
  unclear.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text;
