/**
 * Sending callers to the instances near them, for example in their own zone, as long as there are enough.
 *
 * A preference holds for each version of a split by itself, so that each version keeps its share. Without a split, it
 * holds for all instances together. If fewer instances than asked for are near and take requests, callers are sent to
 * all. An instance without such metadata is elsewhere.
 */

import type { Versions } from './catalog.js';
import { InvalidError } from './errors.js';
import { limits } from './limits.js';
import { matchesMeta } from './meta-filter.js';
import type { Registration } from './registration.js';

/** Which instances are near: those with this text in their metadata, as {@link matchesMeta} reads it. */
export interface Near {
  name: string;
  text: string;
  /** How many of them must take requests: otherwise callers are sent to all. */
  atLeast: number;
}

/** `zone:eu-1`; the text may have colons, too. Undefined if it is no preference, or longer than metadata can be. */
export function readNear(written: string, atLeast = 1): Near | undefined {
  const [, name, text] = /^([^:]+):(.+)$/su.exec(written) ?? [];
  if (name === undefined || text === undefined) return undefined;
  return name.length <= limits.metaName && text.length <= limits.metaBytes ? { name, text, atLeast } : undefined;
}

/** The same; throws {@link InvalidError}. */
export function parseNear(written: string, atLeast?: number): Near {
  const near = readNear(written, atLeast);
  if (near) return near;
  throw new InvalidError(
    `'near' must be a name in the metadata and its value, such as zone:eu-1, not '${written.slice(0, limits.name)}'`,
  );
}

/** Equal for equal preferences, and for those alone: a part of the keys of caches. */
export const nearKey = (near: Near | undefined): string => (near ? JSON.stringify(near) : '');

type Instance = Pick<Registration, 'version' | 'meta' | 'draining'>;

/** Tells which instances stand by. All are counted first, in one pass or in slices. */
export class NearCount {
  /** By version of a split; all together under the empty text. */
  readonly #near = new Map<string, number>();

  constructor(
    private readonly versions: Versions,
    private readonly near: Near,
  ) {}

  count(instance: Instance): void {
    if (instance.draining || !this.#isNear(instance)) return;
    const part = this.#partOf(instance);
    this.#near.set(part, (this.#near.get(part) ?? 0) + 1);
  }

  /** Whether it is left out, since enough others are near. */
  isSpare(instance: Instance): boolean {
    return (this.#near.get(this.#partOf(instance)) ?? 0) >= this.near.atLeast && !this.#isNear(instance);
  }

  #partOf({ version }: Instance): string {
    return this.versions.split ? version : '';
  }

  #isNear({ meta }: Instance): boolean {
    return matchesMeta(meta, [[this.near.name, this.near.text]]);
  }
}

/** The two parts of the `instances` of `versions`: those that callers are sent to, and what stands by. */
export function partedBy<T extends Instance>(
  versions: Versions,
  instances: readonly T[],
  near: Near | undefined,
): { served: T[]; spare: T[] } {
  if (!near) return { served: [...instances], spare: [] };
  const count = new NearCount(versions, near);
  for (const one of instances) count.count(one);
  const [served, spare]: [T[], T[]] = [[], []];
  for (const one of instances) (count.isSpare(one) ? spare : served).push(one);
  return { served, spare };
}
