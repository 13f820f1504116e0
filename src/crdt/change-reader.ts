/**
 * Reads one Automerge change without Automerge, and refuses every change that bender does not write.
 *
 * Automerge 2.2.9 applies any well-formed change: one of 199 bytes can set a key 15,000 times by a run length and block
 * it for seconds, a deflated one can inflate to gigabytes. So a change is read here first, and its run lengths are
 * counted before they are expanded. Accepted is what bender writes: texts set or removed at root keys, a few at a time.
 * The format: https://automerge.org/automerge-binary-format-spec/
 */

import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { ColumnReader, fail } from './column-reader.js';

/** Bounds on one change; what bender writes stays far below them. */
export const changeLimits = {
  /** Bytes. A note has about 64 KiB of text, a catalog value at most 16 KiB. */
  bytes: 256 * 1024,
  /** Writes. A usual change has one, a catalog that is restored has several. */
  writes: 2000,
  /** Replaced writes, over all writes of a change. */
  replaced: 4000,
  /** Bytes of the message: the longest author and daemon, escaped. */
  message: 4096,
  /** Changes that a change follows. */
  deps: 2000,
} as const;

/** One write of one key in a change. */
export interface Write {
  /** Identifies the write in this document, at all daemons. */
  id: string;
  key: string;
  /** Undefined if it removes the key. */
  value: string | undefined;
  /** Higher than that of every write that its writer had seen. */
  lamport: number;
  /** The writes of the same key that it replaces. */
  replaces: string[];
}

export interface Change {
  bytes: Uint8Array;
  hash: string;
  /** The writer's id, hex. */
  actor: string;
  /** Counts the writer's changes in this document, from 1. */
  seq: number;
  /** The lamport of the first write. */
  startOp: number;
  /** The changes that this one directly follows. */
  deps: string[];
  message: string | null;
  /** Unix seconds. */
  time: number;
  writes: Write[];
}

const magic = 0x856f4a83;
/** The chunk type of a change that is not deflated. */
const plainChange = 1;

const columns = {
  keyString: 0x15,
  insert: 0x34,
  action: 0x42,
  valueMeta: 0x56,
  value: 0x57,
  predGroup: 0x70,
  predActor: 0x71,
  predCounter: 0x73,
} as const;
const knownColumns = new Set<number>(Object.values(columns));

const actions = { set: 1, remove: 3 } as const;
/** The low bits of a value's metadata. */
const valueTypes = { nothing: 0, text: 6 } as const;

const actorBytes = 16;
const hashBytes = 32;

/** Throws InvalidError for a change that bender does not write. */
export function readChange(bytes: Uint8Array): Change {
  if (bytes.length > changeLimits.bytes) fail(`${bytes.length} bytes`);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.length < 12 || buffer.readUInt32BE(0) !== magic) fail('this is no change');
  if (buffer[8] !== plainChange) fail('the chunk is no plain change');
  const chunk = new ColumnReader(buffer, 9);
  if (chunk.unsigned() !== chunk.left) fail('the length is wrong');
  const digest = createHash('sha256').update(buffer.subarray(8)).digest();
  if (digest.readUInt32BE(0) !== buffer.readUInt32BE(4)) fail('the checksum is wrong');

  const deps = chunk.list(changeLimits.deps, () => chunk.take(hashBytes).toString('hex'));
  const actor = readActor(chunk);
  const seq = chunk.unsigned();
  const startOp = chunk.unsigned();
  const time = chunk.signed();
  const messageLength = chunk.unsigned();
  if (messageLength > changeLimits.message) fail('the message is too long');
  const message = messageLength === 0 ? null : textOf(chunk.take(messageLength));
  const actors = [actor, ...chunk.list(changeLimits.replaced, () => readActor(chunk))];
  const writes = readWrites(readColumns(chunk), actors, startOp);
  if (seq < 1 || startOp < 1) fail('seq and startOp begin at 1');
  return { bytes, hash: digest.toString('hex'), actor, seq, startOp, deps, message, time, writes };
}

/** The hash of a valid change: cheaper than reading it. */
export const hashOf = (change: Uint8Array): string => createHash('sha256').update(change.subarray(8)).digest('hex');

/** Reads the changes that are not read yet. */
export const readChanges = (changes: readonly (Change | Uint8Array)[]): Change[] =>
  changes.map((change) => (change instanceof Uint8Array ? readChange(change) : change));

function readActor(chunk: ColumnReader): string {
  if (chunk.unsigned() !== actorBytes) fail("a writer's id has another length");
  return chunk.take(actorBytes).toString('hex');
}

type Columns = ReadonlyMap<number, ColumnReader>;

/** Reads the columns, which are the rest of the chunk. */
function readColumns(chunk: ColumnReader): Columns {
  let last = 0;
  const heads = chunk.list(knownColumns.size, (): [number, number] => {
    const column = chunk.unsigned();
    if (!knownColumns.has(column) || column <= last) fail(`column ${column.toString(16)}`);
    last = column;
    return [column, chunk.unsigned()];
  });
  const found = new Map<number, ColumnReader>();
  for (const [column, length] of heads) found.set(column, new ColumnReader(chunk.take(length)));
  if (chunk.left > 0) fail('there is more behind the columns');
  return found;
}

const none = new ColumnReader(Buffer.alloc(0));

function readWrites(from: Columns, actors: readonly string[], startOp: number): Write[] {
  const column = (name: keyof typeof columns): ColumnReader => from.get(columns[name]) ?? none;
  const values = column('value');
  const actionColumn = column('action').runs((each) => each.unsigned(), changeLimits.writes);
  const count = actionColumn.length;
  const keys = column('keyString').runs((each) => textOf(each.take(each.unsigned())), count);
  const metas = column('valueMeta').runs((each) => each.unsigned(), count);
  const groups = column('predGroup').runs((each) => each.unsigned(), count);
  if (keys.length !== count || metas.length !== count || groups.length !== count) fail('columns of different lengths');
  if (new Set(keys).size !== count) fail('a key is written twice');
  checkInsert(column('insert'), count);

  const preds = groups.reduce((sum, each) => sum + each, 0);
  if (preds > changeLimits.replaced) fail('too many writes are replaced');
  const predActors = column('predActor').runs((each) => each.unsigned(), preds);
  const deltas = column('predCounter').runs((each) => each.signed(), preds);
  if (predActors.length !== preds || deltas.length !== preds) fail('columns of different lengths');

  let [pred, counter] = [0, 0];
  const writes = actionColumn.map((action, index): Write => {
    const lamport = startOp + index;
    const replaces: string[] = [];
    for (const end = pred + groups[index]!; pred < end; pred++) {
      const actor = actors[predActors[pred]!];
      counter += deltas[pred]!;
      if (actor === undefined || counter < 1 || counter >= lamport) fail('a write that cannot be replaced');
      replaces.push(`${counter}@${actor}`);
    }
    const value = readValue(action, metas[index]!, values);
    return { id: `${lamport}@${actors[0]!}`, key: keys[index]!, value, lamport, replaces };
  });
  if (values.left > 0) fail('values that belong to no write');
  return writes;
}

function readValue(action: number, meta: number, values: ColumnReader): string | undefined {
  const [type, length] = [meta % 16, Math.floor(meta / 16)];
  if (action === actions.set && type === valueTypes.text) return textOf(values.take(length));
  if (action === actions.remove && meta === valueTypes.nothing) return undefined;
  return fail('a write that is neither a text nor a removal');
}

/** The column of list inserts has the lengths of alternating runs of no and yes. Here there must be no run of yes. */
function checkInsert(column: ColumnReader, count: number): void {
  if (column.unsigned() !== count || column.left > 0) fail('a write into a list');
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) fail('a text that is no UTF-8');
  return bytes.toString('utf8');
}
