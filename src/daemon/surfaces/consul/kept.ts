/**
 * What a Consul client registers beyond what bender knows is kept in the metadata, under one name. It is visible like
 * all metadata. A service that registers with bender itself may set it too, for example its `tags`.
 */

import { isObject } from '../../../model/json.js';
import type { Meta } from '../../../model/registration.js';

/** The name in the metadata. */
export const reserved = 'consul';

export interface Kept {
  /** The ID of the service; undefined: it did not register by Consul's API. */
  id?: string;
  tags?: readonly string[];
  check?: { id?: string; name?: string; notes?: string };
  /** The note of a check that warns. */
  warning?: string;
  weights?: { passing: number; warning: number };
}

/** What is kept in `meta`. Anyone may have written it, so what has another type is as if it were not there. */
export function keptIn(meta: Meta): Kept {
  const kept = Object.hasOwn(meta, reserved) ? meta[reserved] : undefined;
  if (!isObject(kept)) return none;
  const { id, tags, check, warning, weights } = kept;
  return {
    ...(isText(id) && { id }),
    ...(Array.isArray(tags) && { tags: tags.filter(isText) }),
    ...(isObject(check) && { check: textsIn(check) }),
    ...(isText(warning) && { warning }),
    ...(isObject(weights) && isWeight(weights.passing) && isWeight(weights.warning)
      ? { weights: { passing: weights.passing, warning: weights.warning } }
      : {}),
  };
}

const none: Kept = {};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isWeight = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const textsIn = (value: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => isText(entry[1])));
