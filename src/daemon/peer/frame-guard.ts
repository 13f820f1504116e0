/**
 * Looks over the bytes of a message before they are decoded. cbor-x decodes far more than bender says: shared
 * references that expand without end, numbers of any length, dates, errors, records. Here every head of RFC 8949 is
 * read once, in a loop and without making anything, and what bender does not say is refused:
 *
 * 1. No tags, no lengths that are left open, no simple values but false, true, null and undefined, no floats but
 *    doubles.
 * 2. Keys of maps are texts.
 * 3. At most {@link maxDepth} levels and {@link maxItems} items.
 * 4. One item, which ends where the bytes end.
 */

/** Levels of arrays and maps. Metadata may have 16, at the sixth level of a frame that forwards a renewal. */
export const maxDepth = 24;

/** Items in all. The largest frames, which list ten thousand signs of life, have a tenth of it. */
export const maxItems = 500_000;

/** CBOR's major types. */
const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;

/** @returns what is wrong with `bytes`; undefined if they are one item that may be decoded */
export function problemWith(bytes: Buffer): string | undefined {
  /** For each open array or map, how many items are still to come; of a map, a key and its value are two. */
  const rest: number[] = [];
  /** Whether the container at that level is a map. */
  const isMap: boolean[] = [];
  let [at, items] = [0, 0];
  do {
    if (at >= bytes.length) return 'it ends too early';
    if (++items > maxItems) return 'it has too many items';
    const depth = rest.length - 1;
    const isKey = depth >= 0 && isMap[depth]! && rest[depth]! % 2 === 0;
    if (depth >= 0) rest[depth]!--;

    const head = bytes[at++]!;
    const [type, info] = [head >> 5, head & 0x1f];
    if (isKey && type !== major.text) return 'a key of a map is not a text';
    if (type === major.tag) return 'it has a tag';
    if (type === major.simple) {
      if (info === 27) at += 8;
      else if (info < 20 || info > 23) return 'it has a simple value or float of another kind';
    } else {
      if (info > 27) return 'it has a length that is left open';
      const argumentBytes = info < 24 ? 0 : 1 << (info - 24);
      if (at + argumentBytes > bytes.length) return 'it ends too early';
      const length = info < 24 ? info : readNumber(bytes, at, argumentBytes);
      at += argumentBytes;
      if (type === major.bytes || type === major.text) at += length;
      else if (type === major.array || type === major.map) {
        const parts = type === major.map ? 2 * length : length;
        // Each takes a byte at least: nothing is counted that could not be there.
        if (parts > bytes.length - at) return 'it ends too early';
        if (parts > 0) {
          if (rest.push(parts) > maxDepth) return 'it is nested too deeply';
          isMap.push(type === major.map);
        }
      }
    }
    while (rest.length > 0 && rest.at(-1) === 0) {
      rest.pop();
      isMap.pop();
    }
  } while (rest.length > 0);
  if (at > bytes.length) return 'it ends too early';
  return at < bytes.length ? 'something follows it' : undefined;
}

function readNumber(bytes: Buffer, at: number, length: number): number {
  if (length === 1) return bytes[at]!;
  if (length === 2) return bytes.readUInt16BE(at);
  if (length === 4) return bytes.readUInt32BE(at);
  return bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
