/** Checks the metadata of a registration. */

import { isShallow } from './json.js';
import { limits } from './limits.js';
import type { Meta } from './registration.js';

/**
 * Whether `value`, which came as JSON, is an object of at most {@link limits.metaBytes} bytes as JSON and not nested
 * too deeply.
 */
export function isMeta(value: unknown): value is Meta {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  if (!isShallow(value, limits.metaLevels)) return false;
  const json = toJson(value);
  return json !== undefined && Buffer.byteLength(json) <= limits.metaBytes;
}

/** A value of metadata as text: texts as they are, all others as JSON. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Returns `value`, which came as JSON, as JSON; undefined if it is nested too deeply. */
export function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
