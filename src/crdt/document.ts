/**
 * One Automerge document as bender uses them: a flat map from names to text, every value atomic.
 *
 * This is the only file that meets Automerge. It works on the low-level handle, because the usual
 * `Automerge.change` copies the whole map at every change (docs/decisions/0002-automerge.md). The handle's
 * `put(…, 'str')` writes an atomic scalar: never collaborative text, never a nested map, so that a merge
 * takes one side's value or the other's and never mixes them.
 *
 * Automerge gets to see only changes that change-reader.ts has read and that follow what is here. If it throws
 * nevertheless, the document is **dead**: it keeps its last heads, has nothing to tell, and no method of it throws.
 * Whoever owns it is told once, and puts another one in its place.
 */

import { getBackend, init, initializeWasm } from '@automerge/automerge/slim';
import { automergeWasm } from './automerge-wasm.js';
import { type Change, readChanges } from './change-reader.js';
import { PastStates } from './past-states.js';
import { Writers } from './writers.js';

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

/** What became of changes that were handed to a document. */
export interface Merged {
  /** Those that were new, in their order. Changes that follow something unknown are left out: they will come again. */
  changes: readonly Change[];
  /** Why one of them cannot be part of this document; it is left out, with what follows it. */
  misfit?: string;
}

export class Document {
  readonly #handle: ReturnType<typeof getBackend>;
  #heads: Heads = [];
  readonly #states = new PastStates();
  readonly #writers: Writers;
  #appended = 0;
  /** Whether a change was closed of which the last {@link commit} does not know. */
  #untold = false;
  #dead = false;

  /**
   * @param actor  hex digits, new at every start of a process: two writers must never share one
   * @param onDeath  told once, with what Automerge threw; not to be answered before the present turn is over
   */
  constructor(
    readonly actor: string,
    private readonly onDeath: (error: unknown) => void = () => {},
  ) {
    this.#handle = getBackend(init({ actor }));
    this.#writers = new Writers(actor);
  }

  /** Whether Automerge has failed on it. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Of all that was put before the last commit, merge, or look at the history. */
  get heads(): Heads {
    return this.#heads;
  }

  /** Sets a value, or removes it. Part of nothing until {@link commit}. */
  put(key: string, value: string | undefined): void {
    this.#use(undefined, (handle) => {
      if (value === undefined) handle.delete('_root', key);
      else handle.put('_root', key, value, 'str');
    });
  }

  /**
   * Sets the value of the next number, in a document that is written by nothing else. Part of nothing until {@link
   * commit}.
   */
  append(value: string): void {
    this.put(String(++this.#appended), value);
  }

  /** How many values were appended here. */
  get appended(): number {
    return this.#appended;
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
    const writes = this.#use(0, (handle) => handle.pendingOps());
    const hash = writes > 0 ? this.#use(null, (handle) => handle.commit(message, time)) : null;
    if (hash === null) return;
    this.#writers.committed(writes);
    // It follows all that was here.
    this.#reach([hash]);
    this.#untold = true;
  }

  /** Merges changes from elsewhere and returns what is different now. */
  merge(changes: readonly (Change | Uint8Array)[]): KeyChange[] {
    return this.valuesOf(this.apply(changes).changes);
  }

  /** What there is now at each key that these changes write. */
  valuesOf(changes: readonly Change[]): KeyChange[] {
    const keys = new Set(changes.flatMap(({ writes }) => writes.map(({ key }) => key)));
    return [...keys].map((key) => ({ key, value: this.get(key) }));
  }

  /**
   * Merges changes from elsewhere. Throws InvalidError for bytes that are no change as bender writes it, and takes
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

  /** Everything that is in the document now. */
  values(): KeyChange[] {
    return this.#use<string[]>([], (handle) => handle.keys('_root')).map((key) => ({
      key,
      value: this.get(key),
    }));
  }

  /** The text at `key`. What is not text is nothing that bender wrote. */
  get(key: string): string | undefined {
    const [type, value] = this.#use(undefined, (handle) => handle.getWithType('_root', key)) ?? [];
    return type === 'str' ? value : undefined;
  }

  /** Whether every one of these states is part of this document's history. */
  knows(heads: Heads): boolean {
    this.#close();
    return this.#states.has(heads) || heads.every((hash) => this.#hasChange(hash));
  }

  /**
   * Whether somebody at `theirs` has all that this document had at `heads`: true where `theirs` is that state
   * or one that this document was in later. False may also mean that it cannot be told.
   */
  covers(theirs: Heads, heads: Heads): boolean {
    return sameHeads(theirs, heads) || this.#states.follows(theirs, heads);
  }

  /** The changes that a replica at `heads` lacks, oldest first; heads that are not known here count as none. */
  changesSince(heads: Heads): Uint8Array[] {
    this.#close();
    const known = heads.filter((hash) => this.#hasChange(hash));
    return this.#use([], (handle) => handle.getChanges(known));
  }

  /** The whole history, also of a dead document if that can still be read; undefined if it cannot. */
  salvage(): Uint8Array[] | undefined {
    try {
      return this.#handle.getChanges([]);
    } catch {
      return undefined;
    }
  }

  /** All values written to `key` that no other write has seen: more than one is a conflict. */
  concurrent(key: string): string[] {
    const values = this.#use([], (handle) => handle.getAll('_root', key));
    return values.flatMap(([type, value]) => (type === 'str' ? [value] : []));
  }

  /**
   * The document with its whole history, as {@link load} takes it. Takes longer the longer the history is. Throws if
   * the document is dead, since nothing may take its place then.
   */
  save(): Uint8Array {
    this.#close();
    const saved = this.#use(undefined, (handle) => handle.save());
    if (!saved) throw new Error('Automerge has failed on this document');
    return saved;
  }

  /**
   * Takes in a saved document and returns its changes. In an empty document that costs a fraction of merging the same
   * changes. Throws what Automerge throws on bytes that are none of its own, and for changes that bender does not
   * write: the document is then not to be used any more.
   */
  load(saved: Uint8Array): Change[] {
    this.#handle.loadIncremental(saved);
    const changes = readChanges(this.#handle.getChanges([]));
    this.#writers.loaded(changes);
    this.#reach(this.#handle.getHeads().sort());
    return changes;
  }

  /** The last change that was committed here; undefined if there is none. */
  lastChange(): Uint8Array | undefined {
    return this.#use(undefined, (handle) => handle.getLastLocalChange() ?? undefined);
  }

  /** Gives the memory back to the WASM heap, which the garbage collector does not watch. */
  free(): void {
    this.#dead = true;
    try {
      this.#handle.free();
    } catch {
      // After a trap inside Automerge the handle counts as borrowed for ever: its memory is lost.
    }
  }

  /**
   * What Automerge returns, or `otherwise` if the document is dead or dies of it. `use` calls Automerge and does
   * nothing else: an error of our own is not to cost the document.
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

  /** Looked for among the last states first: Automerge copies the change to say that it has it. */
  #hasChange(hash: string): boolean {
    return this.#states.has([hash]) || this.#use(false, (handle) => handle.getChangeByHash(hash) !== null);
  }

  /** The document is at these heads now. */
  #reach(heads: Heads): void {
    this.#heads = heads;
    this.#states.add(heads);
  }
}
