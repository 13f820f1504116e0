/**
 * Answers that are made once for each state of what they tell, however many ask for them, and in slices if they are
 * long.
 *
 * Invariant: nothing is answered whose stamp is not the present one when it was asked for. The cache is bounded by
 * bytes, since anyone may ask for any version range; what was made first goes first.
 */

import { createHash } from 'node:crypto';
import { Content } from './content.js';
import { inSlices, type Sliced } from './slices.js';

/** A body, and the tag of its content. */
export interface Made {
  body: Content;
  etag: string;
}

/**
 * JSON of some elements of an array, without the brackets: in pieces, between which there are commas. And what names
 * it.
 */
export interface Fragment {
  pieces: readonly (string | Buffer)[];
  digest: string;
}

interface Kept extends Made {
  stamp: string;
}

export class Contents {
  readonly #cache = new Map<string, Kept>();
  /** Answers that are being made, for all requests that arrive meanwhile. */
  readonly #making = new Map<string, { stamp: string; made: Promise<Made> }>();
  #bytes = 0;

  constructor(private readonly maxBytes = 64 * 1024 * 1024) {}

  /** What `make` makes, if it is not kept as of `stamp`. */
  find(key: string, stamp: string, make: () => Sliced<Made>): Made | Promise<Made> {
    const cached = this.#cache.get(key);
    if (cached?.stamp === stamp) return cached;
    const making = this.#making.get(key);
    if (making?.stamp === stamp) return making.made;
    this.#drop(key);
    const found = inSlices(make());
    if (!(found instanceof Promise)) return this.#keep(key, stamp, found);
    const made = found.then((late) => this.#keep(key, stamp, late));
    const entry = { stamp, made };
    this.#making.set(key, entry);
    const done = (): void => {
      if (this.#making.get(key) === entry) this.#making.delete(key);
    };
    made.then(done, done);
    return made;
  }

  #keep(key: string, stamp: string, made: Made): Made {
    const kept = { stamp, ...made };
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

/** Elements that are put into JSON without a pause, and that a piece has at most. */
const atOnce = 200;

/**
 * The elements that `isWanted` lets through as JSON. It pauses after {@link atOnce} elements, wanted or not: so what
 * selects is to be given here, rather than be a part of `elements`.
 *
 * @param write  makes the JSON of an element
 */
export function* fragmentOf<T>(
  elements: Iterable<T>,
  isWanted: (element: T) => boolean = () => true,
  write: (element: T) => string = (element) => JSON.stringify(element),
): Sliced<Fragment> {
  const pieces: (string | Buffer)[] = [];
  const hash = createHash('sha1');
  let parts: string[] = [];
  const endPiece = (isLast: boolean): void => {
    if (parts.length === 0) return;
    const text = parts.join();
    parts = [];
    hash.update(pieces.length > 0 ? `,${text}` : text);
    pieces.push(isLast && pieces.length === 0 ? text : Buffer.from(text));
  };
  let looked = 0;
  for (const element of elements) {
    if (isWanted(element)) parts.push(write(element));
    if (parts.length === atOnce) endPiece(false);
    if (++looked % atOnce === 0) yield;
  }
  endPiece(true);
  return { pieces, digest: hash.digest('base64url') };
}

/** The digest is one of the parts' digests, which is as good and takes no look at all of it. */
export function joined(all: readonly Fragment[]): Fragment {
  const parts = all.filter(({ pieces }) => pieces.length > 0);
  if (parts.length === 1) return parts[0]!;
  const digest = digestOf(parts.map((part) => part.digest).join());
  return { pieces: parts.flatMap(({ pieces }) => pieces), digest };
}

/** The elements between two texts, as one element of something longer. */
export function within(before: string, { pieces, digest }: Fragment, after: string): Fragment {
  const all = pieces.length > 0 ? [...pieces] : [''];
  all[0] = framed(before, all[0]!, '');
  all.push(framed('', all.pop()!, after));
  return { pieces: all, digest: digestOf(before + digest + after) };
}

const framed = (before: string, piece: string | Buffer, after: string): string | Buffer =>
  typeof piece === 'string' ? before + piece + after : Buffer.concat([Buffer.from(before), piece, Buffer.from(after)]);

/** Characters of short pieces that are put into bytes together. */
const pieceSize = 64 * 1024;

/** The bytes of `pieces` with commas between them, behind `before` and ahead of `after`. */
export function* bytesOf(before: string, pieces: Fragment['pieces'], after: string): Sliced<Buffer> {
  const gathered: Buffer[] = [];
  let text = before;
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) text += ',';
    if (typeof piece === 'string') text += piece;
    if (typeof piece === 'string' && text.length < pieceSize) continue;
    gathered.push(Buffer.from(text));
    text = '';
    if (typeof piece !== 'string') gathered.push(piece);
    yield;
  }
  return Buffer.concat([...gathered, Buffer.from(text + after)]);
}

/** The elements as an array. */
export const arrayOf = (work: Sliced<Fragment>): Sliced<Made> => enclosed('[', work, ']');

/** The elements, each of which is a name and a value, as an object. */
export const objectOf = (work: Sliced<Fragment>): Sliced<Made> => enclosed('{', work, '}');

function* enclosed(before: string, work: Sliced<Fragment>, after: string): Sliced<Made> {
  return yield* madeOf(yield* work, before, after);
}

/** A body that begins and ends with what is not part of its tag. */
export function* madeOf({ pieces, digest }: Fragment, before = '', after = ''): Sliced<Made> {
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  const isShort = size < pieceSize && pieces.every((piece) => typeof piece === 'string');
  const body = isShort ? before + pieces.join() + after : yield* bytesOf(before, pieces, after);
  return { body: new Content(body), etag: `"${digest}"` };
}

/** A body that is complete. */
export const whole = (body: string | Buffer): Made => ({ body: new Content(body), etag: `"${digestOf(body)}"` });

const digestOf = (text: string | Buffer): string => createHash('sha1').update(text).digest('base64url');

/** Bytes, about: an empty answer takes room too, and anyone may ask for any number of them. */
const sizeOf = (key: string, { body }: Made): number => body.length + key.length + 200;
