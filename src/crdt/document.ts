/**
 * One Automerge document as bender uses them: a flat map from names to text, every value atomic.
 *
 * This is the only file that meets Automerge. It works on the low-level handle, because the usual
 * `Automerge.change` copies the whole map at every change (docs/decisions/0002-automerge.md). The handle's
 * `put(…, 'str')` writes an atomic scalar: never collaborative text, never a nested map, so that a merge
 * takes one side's value or the other's and never mixes them.
 */

import { decodeChange, getBackend, init, initializeWasm } from '@automerge/automerge/slim';
import { automergeWasm } from './automerge-wasm.js';
import type { Note } from './notes.js';

// What is compiled already is taken as well, though its type does not say so.
await initializeWasm(automergeWasm as Promise<Uint8Array>);

/** The hashes of the changes that nothing follows yet, sorted: they name a document's state exactly. */
export type Heads = readonly string[];

/** A value that came, changed or (undefined) went. */
export interface KeyChange {
  key: string;
  value: string | undefined;
}

/** What a commit may say about itself; kept in the history for ever. */
export interface CommitInfo {
  message?: string;
  /** Unix seconds. */
  time?: number;
}

export const sameHeads = (a: Heads, b: Heads): boolean =>
  a.length === b.length && a.every((hash, index) => hash === b[index]);

/** The hash of one change: the heads of whoever has it and what it follows, and nothing more. */
export const hashOf = (change: Uint8Array): string => decodeChange(change).hash;

/** One write of one key, as it stands in a change. */
export interface Write {
  /** Names it in this document, everywhere. */
  id: string;
  key: string;
  /** Undefined where it removes the key, or writes what is no text. */
  value: string | undefined;
  /** Above that of every write that its writer had seen. */
  lamport: number;
  /** The writes of the same key that it puts itself in the place of. */
  replaces: string[];
}

/** What a change says. Throws what Automerge throws. */
export function readChange(change: Uint8Array): {
  hash: string;
  actor: string;
  message: string | null;
  /** Unix seconds. */
  time: number;
  writes: Write[];
} {
  const { hash, actor, message, time, startOp, ops } = decodeChange(change);
  const writes = ops.flatMap((op, index): Write[] => {
    const { obj, key, value, pred } = op as Partial<typeof op>;
    if (obj !== '_root' || typeof key !== 'string') return [];
    const lamport = startOp + index;
    const text = op.action === 'set' && typeof value === 'string' ? value : undefined;
    return [{ id: `${lamport}@${actor}`, key, value: text, lamport, replaces: pred ?? [] }];
  });
  return { hash, actor, message, time, writes };
}

/** Enough for the states that a peer in reach may still be at. */
const statesKept = 1000;

export class Document {
  readonly #handle: ReturnType<typeof getBackend>;
  #heads: Heads = [];
  /** The last states that this document went through, by their heads, numbered in their order. */
  readonly #states = new Map<string, number>();
  #state = 0;
  #appended = 0;
  #newest: Note | undefined;
  /** Whether others write it too: only then are differences asked for, and kept by Automerge until they are. */
  #merges = false;
  #saved: { heads: Heads; bytes: number } | undefined;
  /** Whether a change was closed of which the last {@link commit} does not know. */
  #untold = false;

  /** @param actor  hex digits, new at every start of a process: two writers must never share one */
  constructor(actor: string) {
    this.#handle = getBackend(init({ actor }));
  }

  /** Of all that was put before the last commit, merge, or look at the history. */
  get heads(): Heads {
    return this.#heads;
  }

  /** Sets a value, or removes it. Part of nothing until {@link commit}. */
  put(key: string, value: string | undefined): void {
    if (value === undefined) this.#handle.delete('_root', key);
    else this.#handle.put('_root', key, value, 'str');
  }

  /** Sets the value of the next number, in a document that is written by nothing else. Part of nothing until {@link commit}. */
  append(value: string): void {
    this.put(String(++this.#appended), value);
    this.#newest = [this.#appended, value];
  }

  /** How many values were appended here. */
  get appended(): number {
    return this.#appended;
  }

  /** What was appended last; undefined in a document that others write. */
  get newest(): Note | undefined {
    return this.#newest;
  }

  /** Makes one change of everything put since the last one. False where nothing was since the last commit. */
  commit(info: CommitInfo = {}): boolean {
    this.#close(info);
    const hasNews = this.#untold;
    this.#untold = false;
    return hasNews;
  }

  /**
   * Automerge closes the open change by itself whenever its history is looked at. It is closed before that, so that the
   * heads never lag behind the history: peers would be sent a change that {@link heads} does not speak of, and
   * bring it back for ever.
   */
  #close({ message, time = 0 }: CommitInfo = {}): void {
    if (this.#handle.pendingOps() === 0) return;
    const hash = this.#handle.commit(message, time)!;
    if (this.#merges) this.#handle.updateDiffCursor();
    // It follows all that was here.
    this.#reach([hash]);
    this.#untold = true;
  }

  /**
   * Merges changes from elsewhere; those seen before are nothing new. Answers what is different now.
   * Throws whatever Automerge throws on bytes that are none of its own: the document is then not to be used
   * any more.
   */
  merge(changes: readonly Uint8Array[]): KeyChange[] {
    this.#close();
    if (!this.#merges) this.#handle.updateDiffCursor();
    this.#merges = true;
    this.#handle.applyChanges([...changes]);
    this.#reach(this.#handle.getHeads().sort());
    const patches = this.#handle.diffIncremental();
    // Of several writers, see get; of one, whose history is a line, what the patches say is what there is.
    const isLine =
      this.#heads.length === 1 && !patches.some((patch) => 'conflict' in patch && patch.conflict);
    const touched = new Map<string, string | undefined>();
    for (const patch of patches) {
      const [key] = patch.path;
      if (typeof key !== 'string') continue;
      const isText = patch.action === 'put' && patch.path.length === 1 && typeof patch.value === 'string';
      touched.set(key, isLine && isText ? (patch.value as string) : this.get(key));
    }
    return [...touched].map(([key, value]) => ({ key, value }));
  }

  /** How many keys it has. */
  get size(): number {
    return this.#handle.length('_root');
  }

  /** Everything that is in the document now. */
  *values(): Iterable<KeyChange> {
    for (const key of this.#handle.keys('_root')) yield { key, value: this.get(key) };
  }

  /**
   * The text at `key`. Read, and not taken from the patches: where values are in conflict, these may name one
   * that has not won (tested with 2.2.9). What is not text is nothing that bender wrote.
   */
  get(key: string): string | undefined {
    const [type, value] = this.#handle.getWithType('_root', key) ?? [];
    return type === 'str' ? value : undefined;
  }

  /** Whether every one of these states is part of this document's history. */
  knows(heads: Heads): boolean {
    this.#close();
    return this.#states.has(heads.join()) || heads.every((hash) => this.#hasChange(hash));
  }

  /**
   * Whether somebody at `theirs` has all that this document had at `heads`: true where `theirs` is that state
   * or one that this document was in later. False may also mean that it cannot be told.
   */
  covers(theirs: Heads, heads: Heads): boolean {
    const [at, since] = [this.#states.get(theirs.join()), this.#states.get(heads.join())];
    return sameHeads(theirs, heads) || (at !== undefined && since !== undefined && at >= since);
  }

  /** The changes that a replica at `heads` lacks, oldest first; heads that are not known here count as none. */
  changesSince(heads: Heads): Uint8Array[] {
    this.#close();
    return this.#handle.getChanges(heads.filter((hash) => this.#hasChange(hash)));
  }

  /** All values written to `key` that no other write has seen: more than one is a conflict. */
  concurrent(key: string): string[] {
    return this.#handle.getAll('_root', key).flatMap(([type, value]) => (type === 'str' ? [value] : []));
  }

  /** The document with its whole history, as {@link load} takes it. Takes longer the longer the history is. */
  save(): Uint8Array {
    this.#close();
    return this.#handle.save();
  }

  /**
   * Takes in a saved document. In an empty document that costs a fraction of merging the same changes. Throws what Automerge
   * throws on bytes that are none of its own: the document is then not to be used any more.
   */
  load(saved: Uint8Array): void {
    this.#handle.loadIncremental(saved);
    this.#handle.updateDiffCursor();
    this.#merges = true;
    this.#reach(this.#handle.getHeads().sort());
  }

  /** Bytes that the document takes with its whole history when it is saved. Not cheap after a change. */
  savedBytes(): number {
    this.#close();
    if (this.#saved?.heads !== this.#heads)
      this.#saved = { heads: this.#heads, bytes: this.#handle.save().length };
    return this.#saved.bytes;
  }

  /** Gives the memory back to the WASM heap, which the garbage collector does not watch. */
  free(): void {
    try {
      this.#handle.free();
    } catch {
      // After a trap inside Automerge the handle counts as borrowed for ever: its memory is lost.
    }
  }

  /** Looked for among the last states first: Automerge copies the change to say that it has it. */
  #hasChange(hash: string): boolean {
    return this.#states.has(hash) || this.#handle.getChangeByHash(hash) !== null;
  }

  /** The document is at these heads now. */
  #reach(heads: Heads): void {
    this.#heads = heads;
    this.#states.set(heads.join(), ++this.#state);
    if (this.#states.size > statesKept)
      for (const oldest of this.#states.keys()) {
        this.#states.delete(oldest);
        break;
      }
  }
}
