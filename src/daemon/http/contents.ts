/**
 * Answers that are made once for each state of what they tell, however many ask for them, and in slices if they are long.
 *
 * Invariant: nothing is answered whose stamp is not the present one when it was asked for. The cache is bounded by bytes,
 * since anyone may ask for any version range; what was made first goes first.
 */

import { createHash } from 'node:crypto';
import { Content } from './content.js';
import { inSlices, type Sliced } from './slices.js';

/** A body of JSON, and what names its content. */
export interface Made {
  body: Content;
  etag: string;
}

/** JSON of some elements of an array, without the brackets, and what names it. */
export interface Fragment {
  json: string;
  digest: string;
}

interface Kept extends Made {
  stamp: string;
}

export class Contents {
  readonly #cache = new Map<string, Kept>();
  /** What is being made, for all who ask meanwhile. */
  readonly #making = new Map<string, { stamp: string; made: Promise<Made> }>();
  #bytes = 0;

  constructor(private readonly maxBytes = 64 * 1024 * 1024) {}

  /** An array, which `make` makes if it is not kept as of `stamp`. */
  find(key: string, stamp: string, make: () => Sliced<Fragment>): Made | Promise<Made> {
    const cached = this.#cache.get(key);
    if (cached?.stamp === stamp) return cached;
    const making = this.#making.get(key);
    if (making?.stamp === stamp) return making.made;
    this.#drop(key);
    const fragment = inSlices(make());
    if (!(fragment instanceof Promise)) return this.#keep(key, stamp, fragment);
    const made = fragment.then((late) => this.#keep(key, stamp, late));
    const entry = { stamp, made };
    this.#making.set(key, entry);
    const done = (): void => {
      if (this.#making.get(key) === entry) this.#making.delete(key);
    };
    made.then(done, done);
    return made;
  }

  #keep(key: string, stamp: string, { json, digest }: Fragment): Made {
    const kept = { stamp, body: new Content(`[${json}]`), etag: `"${digest}"` };
    this.#drop(key);
    this.#cache.set(key, kept);
    this.#bytes += sizeOf(key, kept);
    for (const oldest of this.#cache.keys()) {
      if (this.#bytes <= this.maxBytes) break;
      this.#drop(oldest);
    }
    return kept;
  }

  #drop(key: string): void {
    const kept = this.#cache.get(key);
    if (kept) this.#bytes -= sizeOf(key, kept);
    this.#cache.delete(key);
  }
}

/** Elements that are put into JSON without a pause. */
const atOnce = 200;

/** The elements that `isWanted` lets through as JSON. */
export function* fragmentOf<T>(
  elements: Iterable<T>,
  isWanted: (element: T) => boolean = () => true,
): Sliced<Fragment> {
  const parts: string[] = [];
  let looked = 0;
  for (const element of elements) {
    if (isWanted(element)) parts.push(JSON.stringify(element));
    if (++looked % atOnce === 0) yield;
  }
  const json = parts.join();
  return { json, digest: digestOf(json) };
}

/** The digest is one of the parts' digests, which is as good and takes no look at all of it. */
export function joined(all: readonly Fragment[]): Fragment {
  const parts = all.filter(({ json }) => json !== '');
  if (parts.length === 1) return parts[0]!;
  const digest = digestOf(parts.map((part) => part.digest).join());
  return { json: parts.map(({ json }) => json).join(), digest };
}

const digestOf = (text: string): string => createHash('sha1').update(text).digest('base64url');

/** Bytes, about: an empty answer takes room too, and anyone may ask for any number of them. */
const sizeOf = (key: string, { body }: Made): number => body.length + key.length + 200;
