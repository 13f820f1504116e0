/** How each kind of thing is shown in a table. */

import type { Backend, Frontend } from '../model/catalog.js';
import { formatVersions } from '../model/catalog.js';
import { formatCheck } from '../model/check.js';
import type { SignedDrainRule } from '../model/drain-rule.js';
import type { DaemonInfo } from '../model/daemon.js';
import type { Edit } from '../model/history.js';
import type { Meta, Registration } from '../model/registration.js';
import { hostPort } from '../model/registration.js';
import { printable } from '../model/printable.js';
import { catalogText, formatRouting } from '../model/routing.js';
import type { Weighted } from '../model/weights.js';
import { results } from './colors.js';
import { exactly, localTime, roughly, shortTime } from './durations.js';

export interface Column<T> {
  cell: (thing: T) => string;
  /** The same for a narrow terminal. */
  short?: (thing: T) => string;
  /** Whether it is redundant with other columns: then it is left out first on a narrow terminal. */
  isSpare?: (thing: T) => boolean;
  /** Whether it is cut first on a narrow terminal. */
  isLong?: boolean;
  /** Left out if it is empty in every row, but with `-o wide`. */
  isOptional?: boolean;
  /** Shown with `-o wide` only. */
  isWide?: boolean;
}

export interface Listing<T> {
  /** The plural. */
  plural: string;
  /** The id or name that other commands take. */
  nameOf: (thing: T) => string;
  /** They come in an order of their own, and not in that of their names. */
  inOrder?: boolean;
  /** The columns, or just the cell of each, by title. */
  columns: Record<string, Column<T> | Column<T>['cell']>;
}

const always = () => true;

/** `draining until 14:30 (kernel update)`, `draining by rule web@1.0.0`. */
export const drainText = ({ drainReason, drainRule, drainUntil }: Partial<Registration>): string =>
  [
    'draining',
    ...(drainUntil === undefined ? [] : [`until ${shortTime(drainUntil)}`]),
    ...(drainRule ? [`by rule ${drainRule}`] : []),
    ...(drainReason ? [`(${drainReason})`] : []),
  ].join(' ');

const registrationColumns: Listing<Registration>['columns'] = {
  APP: { cell: ({ app }) => app, isSpare: always },
  VERSION: { cell: ({ version }) => version, isSpare: always },
  ADDRESS: { cell: hostPort, isSpare: always },
  STATE: {
    cell: stateText,
    isLong: true,
  },
  TTL: ({ ttl }) => exactly(ttl),
  SINCE: ({ registered }) => `${roughly(Date.now() - registered)} ago`,
  META: { cell: ({ meta }) => metaText(meta), isLong: true, isOptional: true },
};

/** `unhealthy (GET /health: 503)`. */
function stateText(one: Registration): string {
  if (one.unhealthy !== undefined) return results.red(one.unhealthy ? `unhealthy (${one.unhealthy})` : 'unhealthy');
  return one.draining ? results.yellow(drainText(one)) : results.green('online');
}

const idColumn = {
  ID: ({ id }: Registration) => id,
  INSTANCE: { cell: ({ instance }: Registration) => instance ?? '', isWide: true },
  CHECK: { cell: ({ check }: Registration) => (check ? formatCheck(check) : ''), isWide: true },
};

export const registrationListing: Listing<Registration> = {
  plural: 'registrations',
  nameOf: ({ id }) => id,
  columns: { ...registrationColumns, ...idColumn },
};

/** The instances of a backend or frontend. */
export const weightedListing: Listing<Weighted> = {
  plural: registrationListing.plural,
  nameOf: ({ id }) => id,
  columns: { ...registrationColumns, WEIGHT: ({ weight }) => String(weight), ...idColumn },
};

const routingColumn: Column<Backend | Frontend> = {
  cell: ({ routing }) => (routing ? formatRouting(routing) : ''),
  isLong: true,
  isOptional: true,
};

export const backendListing: Listing<Backend> = {
  plural: 'backends',
  nameOf: ({ name }) => name,
  columns: {
    BACKEND: ({ name }) => name,
    APP: ({ app }) => app,
    VERSION: { cell: formatVersions, isLong: true },
    WARMUP: { cell: ({ warmupMs }) => (warmupMs ? exactly(warmupMs) : ''), isOptional: true },
    ROUTING: routingColumn,
  },
};

export const frontendListing: Listing<Frontend> = {
  plural: 'frontends',
  nameOf: ({ name }) => name,
  columns: {
    FRONTEND: ({ name }) => name,
    BACKEND: ({ backend }) => backend ?? '(none)',
    ROUTING: routingColumn,
  },
};

export const drainRuleListing: Listing<SignedDrainRule> = {
  plural: 'drain rules',
  nameOf: ({ name }) => name,
  columns: {
    RULE: ({ name }) => name,
    APP: ({ app }) => app,
    VERSION: ({ version }) => version ?? 'all',
    BY: ({ author }) => author ?? '(not said)',
    SINCE: ({ at }) => (at === undefined ? '' : localTime(at)),
    REASON: { cell: ({ reason }) => reason ?? '', isLong: true },
  },
};

export const editListing: Listing<Edit> = {
  plural: 'edits',
  nameOf: ({ id }) => id,
  inOrder: true,
  columns: {
    WHEN: { cell: ({ at }) => localTime(at), short: ({ at }) => shortTime(at) },
    WHO: { cell: authorText, isLong: true },
    WHAT: {
      cell: ({ kind, name }) => `${kind.replace('-', ' ')} ${name}`,
      short: ({ kind, name }) => `${kind.replace('drain-', '')} ${name}`,
    },
    FROM: { cell: (edit) => sideText(edit, 'from'), isLong: true },
    TO: { cell: (edit) => sideText(edit, 'to'), isLong: true },
    // Of an id, 7 characters are enough for `rollback --to`.
    EDIT: { cell: ({ id }) => id.slice(0, 12), short: ({ id }) => id.slice(0, 7) },
    THROUGH: { cell: ({ daemon }) => daemon ?? '(not said)', isSpare: always },
    NOTE: { cell: ({ concurrent }) => (concurrent ? results.yellow('concurrent') : ''), isOptional: true },
  },
};

/** `ci (token), alice@laptop`: the name of the token, and the name in the request. */
function authorText({ author = '(not said)', proven, claimedAuthor }: Edit): string {
  return proven ? [`${author} (token)`, ...(claimedAuthor ? [claimedAuthor] : [])].join(', ') : author;
}

/** One side of an edit; `-` if there is no value. */
function sideText(edit: Edit, side: 'from' | 'to'): string {
  const value = edit[side];
  return value ? catalogText(value) : '-';
}

const stateColors: Partial<Record<string, (text: string) => string>> = {
  online: results.green,
  lost: results.red,
  left: results.dim,
};

export const daemonListing: Listing<DaemonInfo> = {
  plural: 'daemons',
  nameOf: ({ name }) => name,
  columns: {
    DAEMON: ({ name }) => name,
    URL: { cell: ({ url }) => url, isSpare: ({ name, url }) => url.replace(/^https?:\/\//, '') === name },
    STATE: ({ state }) => (stateColors[state] ?? String)(state),
    HEARD: ({ self, lastHeard }) => (self ? 'this one' : `${roughly(lastHeard)} ago`),
    LINK: ({ roundTrip }) => (roundTrip === undefined ? '-' : `${roundTrip}ms`),
    BEHIND: ({ behind }) => (behind === undefined ? '-' : String(behind)),
    HOLDS: ({ held, fetchedAnew }) => (fetchedAnew ? `${held} (unreadable, fetched anew)` : String(held)),
    VERSION: ({ version }) => version,
    RUN: { cell: ({ generation, runId }) => `${generation}/${runId}`, isWide: true },
  },
};

/** `KEY=VALUE` of all, quoted like shell words if necessary. */
export const metaText = (meta: Meta): string => Object.entries(meta).map(pair).join(' ');

const pair = ([key, value]: [string, unknown]): string =>
  `${quoted(key, /[\s"=]/)}=${typeof value === 'string' ? quoted(value, /\s|^"/) : printable(JSON.stringify(value))}`;

const quoted = (text: string, unclear: RegExp): string =>
  unclear.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text;
