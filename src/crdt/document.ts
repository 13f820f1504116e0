/**
 * One Automerge document as bender uses it: a flat map from names to text, in which every value is atomic.
 *
 * This is the only file that uses Automerge. It works on the low-level handle, because the usual `Automerge.change`
 * copies the whole map at every change (docs/decisions/0002-automerge.md). The handle's `put(…, 'str')` writes an
 * atomic scalar: never collaborative text, never a nested map, so that a merge takes one side's value or the other's
 * and never mixes them.
 *
 * Automerge gets only changes that change-reader.ts has read and that follow the present state. If it throws
 * nevertheless, the document is **dead**: it keeps its last heads, returns nothing, and none of its methods throws. Its
 * owner is notified once, and replaces it.
 */

import { getBackend, init, initializeWasm } from '@automerge/automerge/slim';
import { automergeWasm } from './automerge-wasm.js';
import { type Change, readChanges } from './change-reader.js';
import { PastStates } from './past-states.js';
import { Writers } from './writers.js';

// A compiled module is accepted as well, although the type does not say so.
await initializeWasm(automergeWasm as Promise<Uint8Array>);

/** The hashes of the changes that nothing follows yet, sorted: they name a document's state exactly. */
export type Heads = readonly string[];

/** A value that was added, changed or (undefined) removed. */
export interface KeyChange {
  key: string;
  value: string | undefined;
}

/** The metadata of a commit, which the history keeps. */
export interface CommitInfo {
  message?: string;
  /** Unix seconds. */
  time?: number;
}

export const sameHeads = (a: Heads, b: Heads): boolean =>
  a.length === b.length && a.every((hash, index) => hash === b[index]);

/** The result of applying changes to a document. */
export interface Merged {
  /** The new changes, in order. Changes that follow an unknown change are left out: they will be sent again. */
  changes: readonly Change[];
  /** Why one of them cannot be part of this document. It is left out, with those that follow it. */
  misfit?: string;
}

export class Document {
  readonly #handle: ReturnType<typeof getBackend>;
  #heads: Heads = [];
  readonly #states = new PastStates();
  readonly #writers: Writers;
  #appended = 0;
  /** Whether Automerge has closed a change since the last {@link commit}. */
  #untold = false;
  #dead = false;

  /**
   * @param actor  hex digits, new at every start of a process: two writers must never share one
   * @param onDeath  called once with the error of Automerge; must not replace the document before the present turn is
   * over
   */
  constructor(
    readonly actor: string,
    private readonly onDeath: (error: unknown) => void = () => {},
  ) {
    this.#handle = getBackend(init({ actor }));
    this.#writers = new Writers(actor);
  }

  /** Whether Automerge has failed on this document. */
  get dead(): boolean {
    return this.#dead;
  }

  /** The heads after the last commit, merge, or read of the history. */
  get heads(): Heads {
    return this.#heads;
  }

  /** Sets a value, or removes it. It becomes part of the history with {@link commit}. */
  put(key: string, value: string | undefined): void {
    this.#use(undefined, (handle) => {
      if (value === undefined) handle.delete('_root', key);
      else handle.put('_root', key, value, 'str');
    });
  }

  /**
   * Sets the value of the next number, in a document without other writes. It becomes part of the history with {@link
   * commit}.
   */
  append(value: string): void {
    this.put(String(++this.#appended), value);
  }

  /** How many values were appended. */
  get appended(): number {
    return this.#appended;
  }

  /** Makes one change of everything that was put since the last commit. Returns false if there was nothing. */
  commit(info: CommitInfo = {}): boolean {
    this.#close(info);
    const hasNews = this.#untold;
    this.#untold = false;
    return hasNews;
  }

  /**
   * Automerge closes the open change by itself whenever its history is read. It is closed here before that, so that the
   * heads never lag behind the history: else peers would be sent a change that {@link heads} does not include, and send
   * it back for ever.
   */
  #close({ message, time = 0 }: CommitInfo = {}): void {
    const writes = this.#use(0, (handle) => handle.pendingOps());
    const hash = writes > 0 ? this.#use(null, (handle) => handle.commit(message, time)) : null;
    if (hash === null) return;
    this.#writers.committed(writes);
    // It follows everything that was here.
    this.#reach([hash]);
    this.#untold = true;
  }

  /** Merges changes of other daemons and returns what has changed. */
  merge(changes: readonly (Change | Uint8Array)[]): KeyChange[] {
    return this.valuesOf(this.apply(changes).changes);
  }

  /** The present value of each key that these changes write. */
  valuesOf(changes: readonly Change[]): KeyChange[] {
    const keys = new Set(changes.flatMap(({ writes }) => writes.map(({ key }) => key)));
    return [...keys].map((key) => ({ key, value: this.get(key) }));
  }

  /**
   * Merges changes of other daemons. Throws InvalidError for bytes that are no change as bender writes it, and merges
   * nothing then.
   */
  apply(changes: readonly (Change | Uint8Array)[]): Merged {
    const read = readChanges(changes);
    this.#close();
    const admitted = this.#writers.admit(read, (hash) => this.#hasChange(hash));
    const bytes = admitted.changes.map((change) => change.bytes);
    const reached =
      bytes.length > 0 &&
      this.#use(undefined, (handle) => {
        handle.applyChanges(bytes);
        return handle.getHeads();
      });
    if (reached) {
      this.#writers.merged(admitted);
      this.#reach(reached.sort());
    }
    const { misfit } = admitted;
    return { changes: this.#dead ? [] : admitted.changes, ...(misfit !== undefined && { misfit }) };
  }

  /** How many keys it has. */
  get size(): number {
    return this.#use(0, (handle) => handle.length('_root'));
  }

  /** All keys and values. */
  values(): KeyChange[] {
    return this.#use<string[]>([], (handle) => handle.keys('_root')).map((key) => ({
      key,
      value: this.get(key),
    }));
  }

  /** The text at `key`. A value that is no text was not written by bender. */
  get(key: string): string | undefined {
    const [type, value] = this.#use(undefined, (handle) => handle.getWithType('_root', key)) ?? [];
    return type === 'str' ? value : undefined;
  }

  /** Whether all of these changes are part of this document's history. */
  knows(heads: Heads): boolean {
    this.#close();
    return this.#states.has(heads) || heads.every((hash) => this.#hasChange(hash));
  }

  /**
   * Whether a replica at `theirs` has everything that this document had at `heads`: true if `theirs` is that state or a
   * later one of this document. False may also mean that it is unknown.
   */
  covers(theirs: Heads, heads: Heads): boolean {
    return sameHeads(theirs, heads) || this.#states.follows(theirs, heads);
  }

  /** The changes that a replica at `heads` lacks, oldest first. Unknown heads are ignored. */
  changesSince(heads: Heads): Uint8Array[] {
    this.#close();
    const known = heads.filter((hash) => this.#hasChange(hash));
    return this.#use([], (handle) => handle.getChanges(known));
  }

  /** The whole history, even of a dead document if that can still be read; undefined if it cannot. */
  salvage(): Uint8Array[] | undefined {
    try {
      return this.#handle.getChanges([]);
    } catch {
      return undefined;
    }
  }

  /** All values of `key` that no other write has replaced: more than one is a conflict. */
  concurrent(key: string): string[] {
    const values = this.#use([], (handle) => handle.getAll('_root', key));
    return values.flatMap(([type, value]) => (type === 'str' ? [value] : []));
  }

  /**
   * Saves the document with its whole history, for {@link load}. The duration grows with the history. Throws if the
   * document is dead.
   */
  save(): Uint8Array {
    this.#close();
    const saved = this.#use(undefined, (handle) => handle.save());
    if (!saved) throw new Error('Automerge has failed on this document');
    return saved;
  }

  /**
   * Loads a saved document and returns its changes. In an empty document that costs a fraction of merging the same
   * changes. Throws what Automerge throws on other bytes, and for changes that bender does not write: the document must
   * not be used after that.
   */
  load(saved: Uint8Array): Change[] {
    this.#handle.loadIncremental(saved);
    const changes = readChanges(this.#handle.getChanges([]));
    this.#writers.loaded(changes);
    this.#reach(this.#handle.getHeads().sort());
    return changes;
  }

  /** The last change that was committed here, if there is one. */
  lastChange(): Uint8Array | undefined {
    return this.#use(undefined, (handle) => handle.getLastLocalChange() ?? undefined);
  }

  /** Frees the memory in the WASM heap, which the garbage collector does not see. */
  free(): void {
    this.#dead = true;
    try {
      this.#handle.free();
    } catch {
      // After a trap inside Automerge the handle counts as borrowed for ever: its memory is lost.
    }
  }

  /**
   * Returns what Automerge returns, or `otherwise` if the document is dead or dies of the call. `use` must only call
   * Automerge: an error of our own must not cost the document.
   */
  #use<T>(otherwise: T, use: (handle: ReturnType<typeof getBackend>) => T): T {
    if (this.#dead) return otherwise;
    try {
      return use(this.#handle);
    } catch (error) {
      this.#dead = true;
      this.onDeath(error);
      return otherwise;
    }
  }

  /** Checks the last states first: Automerge copies a change to tell whether it has it. */
  #hasChange(hash: string): boolean {
    return this.#states.has([hash]) || this.#use(false, (handle) => handle.getChangeByHash(hash) !== null);
  }

  /** Notes the present heads. */
  #reach(heads: Heads): void {
    this.#heads = heads;
    this.#states.add(heads);
  }
}
