/** Two daemons that keep the same documents, wired directly, by either of two ways to sync. */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { getBackend, init } from '@automerge/automerge';
import { Encoder } from 'cbor-x';
import { type Document, type Heads, sameHeads } from '../../src/crdt/document.js';
import type { DocumentName } from '../../src/crdt/ids.js';
import { PeerSync } from '../../src/crdt/peer-sync.js';
import type { Documents, SyncMessage } from '../../src/crdt/sync-message.js';
import { newActor, newDocument, type Writable } from './shapes.js';

/** What becomes of an exchange. */
export type Fate = 'arrives' | 'request lost' | 'answer lost';

/** Side 0 begins every exchange; side 1 answers. */
export type Side = 0 | 1;

export interface Pair {
  document(side: Side, name: DocumentName): Writable;
  /** A document was changed at a side. */
  changed(side: Side, name: DocumentName): void;
  /** One request and its answer, as CBOR, encoded and decoded. Answers their bytes. */
  exchange(fate?: Fate): number;
  /** Both sides forget what they knew of each other, as when a link is new. */
  forget(): void;
  equal(): boolean;
  free(): void;
}

const cbor = new Encoder({ useRecords: false });

const equal = (pair: Pair, names: readonly DocumentName[]): boolean =>
  names.every((name) => sameHeads(pair.document(0, name).heads, pair.document(1, name).heads));

/** bender's way. */
export class HeadsPair implements Pair {
  readonly #documents: readonly Map<DocumentName, Document>[];
  #syncs: [PeerSync, PeerSync];
  #digest = true;

  constructor(private readonly names: readonly DocumentName[]) {
    this.#documents = [0, 1].map(() => new Map(names.map((name) => [name, newDocument()])));
    this.#syncs = this.#newSyncs();
  }

  document(side: Side, name: DocumentName): Document {
    return this.#documents[side]!.get(name)!;
  }

  changed(side: Side, name: DocumentName): void {
    this.#syncs[side].changed(name);
  }

  exchange(fate: Fate = 'arrives'): number {
    const [asking, answering] = this.#syncs;
    const request = cbor.encode(asking.request(this.#digest));
    // What heartbeats do: compare everything at first and after a failure.
    this.#digest = fate !== 'arrives';
    if (fate === 'request lost') {
      asking.failed();
      return request.length;
    }
    const answer = cbor.encode(answering.answer(cbor.decode(request) as SyncMessage));
    if (fate === 'arrives') asking.accept(cbor.decode(answer) as SyncMessage);
    else asking.failed();
    return request.length + answer.length;
  }

  forget(): void {
    this.#syncs = this.#newSyncs();
    this.#digest = true;
  }

  equal(): boolean {
    return equal(this, this.names);
  }

  free(): void {
    for (const documents of this.#documents) for (const document of documents.values()) document.free();
  }

  #newSyncs(): [PeerSync, PeerSync] {
    const [first, second] = this.#documents.map((documents) => new PeerSync(shown(documents)));
    return [first!, second!];
  }
}

const shown = (documents: Map<DocumentName, Document>): Documents => ({
  names: () => documents.keys(),
  get: (name) => documents.get(name),
  wants: () => true,
  isShared: (name) => name === 'catalog',
  merge: (name, changes) => void documents.get(name)!.merge(changes),
  prove: (_, __, most) => ({ count: most }),
  discard: (name) => {
    throw new Error(`${name} led nowhere`);
  },
  digest: () => [...documents].map(([name, { heads }]) => `${name}=${heads.join()}`).join(),
});

type Handle = ReturnType<typeof getBackend>;
type SyncState = Parameters<Handle['generateSyncMessage']>[0];

/**
 * Automerge's own sync states as WASM objects. The package does not export them: its `initSyncState` makes
 * plain copies, which are carried into WASM and back at every message. They are in the file that it loads.
 */
const wasm = createRequire(import.meta.url)(
  fileURLToPath(
    new URL('../wasm_bindgen_output/nodejs/automerge_wasm.cjs', import.meta.resolve('@automerge/automerge')),
  ),
) as {
  initSyncState(): SyncState;
  encodeSyncState(state: SyncState): Uint8Array;
  decodeSyncState(bytes: Uint8Array): SyncState;
};

/** What is done with the asking side's sync states after a failed exchange. */
export type Remedy = 'kept' | 'encoded' | 'fresh';

/** Automerge's own protocol: a sync state per peer and document. */
export class SyncStatesPair implements Pair {
  readonly #documents: readonly Map<DocumentName, Synced>[];
  readonly #news = [new Set<DocumentName>(), new Set<DocumentName>()];

  constructor(
    private readonly names: readonly DocumentName[],
    private readonly remedy: Remedy = 'kept',
  ) {
    this.#documents = [0, 1].map(() => new Map(names.map((name) => [name, new Synced()])));
    this.forget();
  }

  document(side: Side, name: DocumentName): Synced {
    return this.#documents[side]!.get(name)!;
  }

  changed(side: Side, name: DocumentName): void {
    this.#news[side]!.add(name);
  }

  exchange(fate: Fate = 'arrives'): number {
    const request = cbor.encode(this.#say(0));
    if (fate === 'request lost') {
      this.#failed();
      return request.length;
    }
    this.#hear(1, cbor.decode(request) as Messages);
    const answer = cbor.encode(this.#say(1));
    if (fate === 'arrives') this.#hear(0, cbor.decode(answer) as Messages);
    else this.#failed();
    return request.length + answer.length;
  }

  forget(): void {
    for (const side of [0, 1] as const)
      for (const name of this.names) {
        this.document(side, name).renew('fresh');
        this.changed(side, name);
      }
  }

  equal(): boolean {
    return equal(this, this.names);
  }

  free(): void {
    for (const documents of this.#documents) for (const document of documents.values()) document.free();
  }

  #say(side: Side): Messages {
    const messages: Messages = [];
    for (const name of this.#news[side]!) {
      const { handle, state } = this.document(side, name);
      const message = handle.generateSyncMessage(state);
      if (message) messages.push([name, message]);
      else this.#news[side]!.delete(name);
    }
    return messages;
  }

  #hear(side: Side, messages: Messages): void {
    for (const [name, message] of messages) {
      const { handle, state } = this.document(side, name);
      handle.receiveSyncMessage(state, message);
      handle.diffIncremental();
      this.changed(side, name);
    }
  }

  #failed(): void {
    for (const name of this.names) {
      this.document(0, name).renew(this.remedy);
      this.changed(0, name);
    }
  }
}

type Messages = [name: DocumentName, message: Uint8Array][];

class Synced implements Writable {
  readonly handle = getBackend(init({ actor: newActor() }));
  state = wasm.initSyncState();

  get heads(): Heads {
    return this.handle.getHeads().sort();
  }

  put(key: string, value: string | undefined): void {
    if (value === undefined) this.handle.delete('_root', key);
    else this.handle.put('_root', key, value, 'str');
  }

  commit(): void {
    this.handle.commit(undefined, 0);
    this.handle.updateDiffCursor();
  }

  renew(remedy: Remedy): void {
    if (remedy === 'kept') return;
    const old = this.state;
    this.state = remedy === 'fresh' ? wasm.initSyncState() : wasm.decodeSyncState(wasm.encodeSyncState(old));
    old.free();
  }

  free(): void {
    this.state.free();
    this.handle.free();
  }
}
