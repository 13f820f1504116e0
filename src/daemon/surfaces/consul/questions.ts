/** The parameters of a look-up, checked. */

import { goDuration } from './durations.js';
import { ConsulError } from './refusal.js';

/** Which instances are meant. */
export interface Selection {
  /** Lower case; all must be there. */
  tags: readonly string[];
  passing: boolean;
  /** `key:value` of nodes, which have no metadata here. */
  nodeMeta: readonly string[];
  /** An expression; see filter.ts. */
  filter: string | undefined;
}

/** How long to wait for a change of what the client has. */
export interface Wait {
  index: string;
  ms: number;
}

const defaultWaitMs = 5 * 60_000;
const longestWaitMs = 10 * 60_000;

/** Parameters that narrow nothing (`near`, `stale`, `consistent`, `cached`, `pretty`, …) are left alone. */
export function selectionIn(parameters: URLSearchParams, datacenter: string): Selection {
  const dc = parameters.get('dc');
  if (dc && dc !== datacenter) throw new ConsulError(500, `No path to datacenter: this one is "${datacenter}"`);
  return {
    tags: parameters.getAll('tag').map((tag) => tag.toLowerCase()),
    passing: isOn(parameters, 'passing'),
    nodeMeta: parameters.getAll('node-meta'),
    filter: parameters.get('filter') || parameters.get('health_filter') || undefined,
  };
}

/** What the client has, if it waits for a change of it. */
export function waitIn(parameters: URLSearchParams): Wait | undefined {
  const [index, wait] = [parameters.get('index') ?? '', parameters.get('wait') ?? ''];
  if (!/^\d{0,20}$/.test(index)) throw new ConsulError(400, 'Invalid index');
  // Some clients mean seconds by a bare number.
  const ms = wait === '' ? defaultWaitMs : goDuration(/^\d+$/.test(wait) ? `${wait}s` : wait);
  if (ms === undefined) throw new ConsulError(400, 'Invalid wait time');
  const asked = index.replace(/^0+/, '');
  return asked === '' ? undefined : { index: asked, ms: Math.min(ms || defaultWaitMs, longestWaitMs) };
}

/** A switch as Go reads it; one without a value is on. */
export function isOn(parameters: URLSearchParams, name: string): boolean {
  const text = parameters.get(name);
  if (text === null) return false;
  const isTrue = /^(|1|t|true)$/i.test(text);
  if (!isTrue && !/^(0|f|false)$/i.test(text)) throw new ConsulError(400, `Invalid value for ?${name}`);
  return isTrue;
}
