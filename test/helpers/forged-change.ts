/** Changes in Automerge's format as nobody would write them but an attacker, byte by byte. */

import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

const concat = (parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

/** A number as LEB128. */
export function leb(number: number): Buffer {
  const bytes: number[] = [];
  for (let left = number; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
}

/** A signed one. */
export function sleb(number: number): Buffer {
  const bytes: number[] = [];
  for (let left = number; ;) {
    const byte = ((left % 128) + 128) % 128;
    left = Math.floor(left / 128);
    if ((left === 0 && byte < 64) || (left === -1 && byte >= 64)) return Buffer.from([...bytes, byte]);
    bytes.push(byte | 128);
  }
}

/** A change around its content, with the right length and checksum. */
export function chunkOf(content: Buffer, deflated = false): Uint8Array {
  const chunk = (type: number, bytes: Buffer): Buffer => concat([Buffer.from([type]), leb(bytes.length), bytes]);
  const checksum = createHash('sha256').update(chunk(1, content)).digest().subarray(0, 4);
  const body = deflated ? chunk(2, deflateRawSync(content)) : chunk(1, content);
  return concat([Buffer.from([0x85, 0x6f, 0x4a, 0x83]), checksum, body]);
}

/** What a change is around: all but magic, checksum, type and length. */
export function contentOf(change: Buffer): Buffer {
  let at = 9;
  while (change[at++]! >= 128);
  return change.subarray(at);
}

export interface Forged {
  actor?: Buffer;
  seq?: number;
  startOp?: number;
  deps?: readonly string[];
  message?: string;
  key?: string;
  value?: string | Buffer;
  /** How often the key is written, said by run lengths. */
  count?: number;
  action?: number;
  /** Of the value; by default that of a text. */
  meta?: number;
  /** Beside, or in place of, those of the writes. */
  columns?: readonly [number, Buffer][];
  /** Bytes behind the columns. */
  extra?: Buffer;
  deflated?: boolean;
}

/** A change that is valid, but for what is asked of it. */
export function forgedChange(forged: Forged): Uint8Array {
  const { key = 'a', value = 'v', count = 1, action = 1 } = forged;
  const text = Buffer.from(value as string);
  const meta = forged.meta ?? 6 + 16 * text.length;
  const own: [number, Buffer][] = [
    [0x15, concat([sleb(count), leb(Buffer.byteLength(key)), Buffer.from(key)])],
    [0x34, leb(count)],
    [0x42, concat([sleb(count), leb(action)])],
    [0x56, concat([sleb(count), leb(meta)])],
    [0x57, text],
    [0x70, concat([sleb(count), leb(0)])],
  ];
  const columns = [...own, ...(forged.columns ?? [])].sort(([a], [b]) => a - b);
  return columnsOf(columns, forged);
}

/** A change of these columns. */
export function columnsOf(columns: readonly (readonly [number, Buffer])[], forged: Forged = {}): Uint8Array {
  const {
    actor = Buffer.alloc(16, 7),
    seq = 1,
    startOp = 1,
    deps = [],
    message = '',
    extra = Buffer.alloc(0),
  } = forged;
  const content = concat([
    leb(deps.length),
    ...deps.map((hash) => Buffer.from(hash, 'hex')),
    leb(actor.length),
    actor,
    leb(seq),
    leb(startOp),
    sleb(0),
    leb(Buffer.byteLength(message)),
    Buffer.from(message),
    leb(0),
    leb(columns.length),
    ...columns.flatMap(([id, bytes]) => [leb(id), leb(bytes.length)]),
    ...columns.map(([, bytes]) => bytes),
    extra,
  ]);
  return chunkOf(content, forged.deflated);
}
