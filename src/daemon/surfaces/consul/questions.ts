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
  /** Expressions, all of which must hold; see filter.ts. */
  filters: readonly string[];
}

/** How long to wait for a change of what the client has. */
export interface Wait {
  index: string;
  ms: number;
}

const defaultWaitMs = 5 * 60_000;
const longestWaitMs = 10 * 60_000;

/** What Consul divides services by, and bender does not. */
const divisions = ['ns', 'partition', 'peer', 'sg'];

/**
 * Parameters that narrow nothing (`near`, `stale`, `consistent`, `cached`, `pretty`, …) are left alone. Throws
 * {@link ConsulError} for those that narrow what cannot be narrowed here: the answer would show more than is meant.
 */
export function selectionIn(parameters: URLSearchParams, datacenter: string): Selection {
  const dc = parameters.get('dc');
  if (dc && dc !== datacenter) throw new ConsulError(500, `No path to datacenter: this one is "${datacenter}"`);
  for (const name of divisions)
    for (const value of parameters.getAll(name))
      if (value !== '' && value !== 'default')
        throw new ConsulError(400, `Invalid query parameter: "${name}" is not supported`);
  return {
    tags: parameters.getAll('tag').map((tag) => tag.toLowerCase()),
    passing: isOn(parameters, 'passing'),
    nodeMeta: parameters.getAll('node-meta'),
    filters: ['filter', 'health_filter'].flatMap((name) => parameters.getAll(name)).filter((text) => text !== ''),
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
