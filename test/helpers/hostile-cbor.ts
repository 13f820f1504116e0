/** CBOR (RFC 8949) that cbor-x decodes into more than its bytes suggest, and that no daemon sends. */

const bytes = (...parts: (number | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));

/** The head of an item of this major type. */
export const cborHead = (type: number, n: number): Buffer =>
  n < 24
    ? bytes((type << 5) | n)
    : n < 65536
      ? bytes((type << 5) | 25, n >> 8, n & 255)
      : bytes((type << 5) | 26, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255);

/** A graph of 2^k leaves by shared references, in a few hundred bytes. */
export const sharedReferences = (k: number, id = 0): Buffer =>
  k
    ? bytes(cborHead(6, 28), cborHead(4, 2), sharedReferences(k - 1, id + 1), cborHead(6, 29), 24, id + 1)
    : bytes(cborHead(6, 28), cborHead(4, 1), 0x62, 0x61, 0x61);

/** A message whose frame is a date that is made of such a graph: turning it into text takes a minute. */
export const dateOfReferences = bytes(cborHead(4, 2), cborHead(0, 1), cborHead(6, 0), sharedReferences(27));

/** A message whose frame is a number of 200,000 bytes: reading it takes quadratic time. */
export const hugeNumber = bytes(
  cborHead(4, 2),
  cborHead(0, 1),
  cborHead(6, 2),
  cborHead(2, 200_000),
  Buffer.alloc(200_000, 255),
);

/** Texts that cbor-x puts together from a table (tags 51 and 216): 120 KB become more than a process may have. */
export const packedTexts = bytes(
  ...[0xd8, 51, 0x84, 0x81, 0, 0x81, 0, 0x81],
  cborHead(4, 60_000),
  Buffer.alloc(60_000),
  cborHead(4, 20_000),
  ...Array<Buffer>(20_000).fill(Buffer.from([0xd8, 216, 0x80])),
);
