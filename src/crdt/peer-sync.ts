/**
 * Keeps this daemon's documents and one peer's equal, by heads: each side says at which heads it has a document, and
 * the one that knows the other's heads sends the changes that follow them.
 *
 * Every message is complete in itself, so that a lost, repeated or reordered one costs a round and never correctness: a
 * peer is assumed to have (`#theirs`) only what it named last. For why these are not Automerge's own sync states, see
 * docs/decisions/0003-sync-by-heads.md.
 *
 * 1. `request` → `answer` → `accept` is one exchange; the answer acknowledges every document of the request.
 * 2. Changes are sent only towards heads that the peer has named.
 * 3. A digest that differs is answered with the whole list; equal digests end the conversation.
 */

import type { Change } from './change-reader.js';
import { type Document, type Heads, sameHeads } from './document.js';
import type { DocumentName } from './ids.js';
import type { Brought, Documents, SyncMessage } from './sync-message.js';
import { Transfers } from './transfers.js';

/** The most bytes of changes in one message; the rest follows in the next. Bounds the time that one takes to merge. */
const bytesPerMessage = 256 * 1024;

/** The most changes in one message: even a small one takes up to 0.5 ms, in a catalog with many writers. */
const changesPerMessage = 500;

/** For how many documents the heads of a peer are kept: more than there can be. */
const namesKept = 5000;

/** How many exchanges in a row may bring nothing of what a peer has named, before the replica is fetched again. */
const patience = 5;

export class PeerSync {
  /** The heads that the peer named last. */
  readonly #theirs = new Map<DocumentName, Heads>();
  /** Heads that both sides are known to have had: where to begin if two replicas diverged. */
  readonly #common = new Map<DocumentName, Heads>();
  /** Documents of ours that may be news to the peer. */
  readonly #news = new Set<DocumentName>();
  /** Documents of which the peer has something that we lack, and how often a request for it brought nothing. */
  readonly #wanted = new Map<DocumentName, { asked: Heads; inVain: number }>();
  readonly #transfers = new Transfers();
  #listed = false;
  /** The digest at which both last agreed, unless something else was exchanged since. */
  #agreed: string | undefined;

  constructor(private readonly documents: Documents) {}

  /** Whether there is nothing to send or to request. */
  get quiet(): boolean {
    return this.#news.size === 0 && this.#wanted.size === 0;
  }

  /** Whether everything has arrived that the peer had when it last listed its documents. */
  get complete(): boolean {
    return this.#listed && this.#wanted.size === 0;
  }

  /** The heads of a document that the peer has named. */
  theirs(name: DocumentName): Heads | undefined {
    return this.#theirs.get(name);
  }

  /** How many documents the peer may not have in their present state. */
  get behind(): number {
    return [...this.documents.names()].filter((name) => {
      const theirs = this.#theirs.get(name);
      return !theirs || !sameHeads(theirs, this.documents.get(name)!.heads);
    }).length;
  }

  /** A document changed here: the peer has to be sent it, unless it has that state already. */
  changed(name: DocumentName): void {
    const theirs = this.#theirs.get(name);
    const ours = this.documents.get(name)?.heads;
    if (!theirs || !ours || !sameHeads(theirs, ours)) this.#news.add(name);
  }

  /** The next message to the peer. With `digest`, it also compares all documents. */
  request(digest: boolean): SyncMessage {
    if (digest) this.#prune();
    const message = this.#compose(new Set());
    return digest ? { ...message, digest: this.documents.digest() } : message;
  }

  /**
   * Takes in the peer's request and returns the answer.
   * @param mayBring  whether changes of a document are accepted from this peer now; others are requested instead
   */
  answer(request: SyncMessage<Change | Uint8Array>, mayBring?: (name: DocumentName) => boolean): SyncMessage {
    const mentioned = this.#take(request, mayBring);
    const answer = this.#compose(mentioned);
    if (request.digest === undefined) return answer;
    const digest = this.documents.digest();
    if (digest === request.digest) {
      this.#agree(digest);
      return { ...answer, digest };
    }
    const have = [...this.documents.names()].map((name): [DocumentName, Heads] => [
      name,
      this.documents.get(name)!.heads,
    ]);
    return { ...answer, have, all: true, digest };
  }

  /** Takes in the peer's answer to a request. */
  accept(answer: SyncMessage<Change | Uint8Array>): void {
    const asked = [...this.#wanted];
    this.#take(answer);
    const agreed = answer.digest === this.documents.digest();
    if (agreed) this.#agree(answer.digest!);
    if (agreed || answer.all) this.#listed = true;
    const moved = asked.filter(
      ([name, { asked: before }]) => !sameHeads(this.documents.get(name)?.heads ?? [], before),
    );
    for (const [, wanted] of moved) wanted.inVain = 0;
    // While something arrives, other documents may have found no room in the message.
    if (moved.length === 0) for (const [name] of asked) this.#judge(name);
  }

  /** The exchange failed: what was sent may or may not have arrived. */
  failed(): void {
    this.#listed = false;
    this.#transfers.clear();
    for (const [name, heads] of this.#theirs) {
      const document = this.documents.get(name);
      if (document && !sameHeads(document.heads, heads)) this.#news.add(name);
    }
  }

  /** Takes in a message. Returns the names of its documents that are wanted here. */
  #take(
    { have = [], all, changes = [] }: SyncMessage<Change | Uint8Array>,
    mayBring: (name: DocumentName) => boolean = () => true,
  ): Set<DocumentName> {
    const mentioned = new Set<DocumentName>();
    for (const [name, bytes, proof] of changes) {
      if (!this.documents.wants(name)) continue;
      mentioned.add(name);
      if (!mayBring(name)) continue;
      const before = this.documents.get(name)?.heads ?? [];
      this.documents.merge(name, bytes, proof);
      this.#share(name, before);
    }
    for (const [name, heads] of have) {
      if (!this.documents.get(name) && !this.documents.wants(name)) continue;
      if (!this.#theirs.has(name) && this.#theirs.size >= namesKept) continue;
      mentioned.add(name);
      this.#compare(name, heads);
    }
    if (all) {
      const listed = new Set(have.map(([name]) => name));
      for (const name of this.documents.names()) if (!listed.has(name)) this.#offer(name);
    }
    return mentioned;
  }

  /** The peer has what it brought, and must not be sent it: `before` were the heads before that. */
  #share(name: DocumentName, before: Heads): void {
    const now = this.documents.get(name)?.heads ?? [];
    // A former head is behind one that has arrived.
    const common = (this.#common.get(name) ?? []).filter((hash) => now.includes(hash) || !before.includes(hash));
    this.#common.set(name, [...new Set([...common, ...now.filter((hash) => !before.includes(hash))])]);
  }

  /** The peer does not have the document, and may not want it: name it, and send it on request. */
  #offer(name: DocumentName): void {
    this.#agreed = undefined;
    this.#theirs.delete(name);
    this.#news.add(name);
  }

  /** The peer has the document at `heads`: finds out what either side lacks. */
  #compare(name: DocumentName, heads: Heads): void {
    const document = this.documents.get(name);
    this.#agreed = undefined;
    this.#theirs.set(name, heads);
    const ours = document?.heads ?? [];
    const known = heads.length === 0 || (document?.knows(heads) ?? false);
    if (known) {
      this.#common.set(name, heads);
      this.#wanted.delete(name);
    } else {
      if (!this.#wanted.has(name)) this.#wanted.set(name, { asked: ours, inVain: 0 });
      // The next piece of a transfer begins after what has arrived, although the peer has more.
      const arrived = heads.filter((hash) => document?.knows([hash]));
      if (arrived.length > 0) this.#common.set(name, [...new Set([...(this.#common.get(name) ?? []), ...arrived])]);
    }
    if (!sameHeads(heads, ours) && (known || this.documents.isShared(name))) this.#news.add(name);
    else {
      this.#news.delete(name);
      this.#transfers.delete(name);
    }
  }

  #compose(mentioned: Set<DocumentName>): SyncMessage {
    const have = new Map<DocumentName, Heads>();
    const changes: Brought[] = [];
    let [room, count] = [bytesPerMessage, changesPerMessage];
    for (const name of [...this.#news]) {
      const document = this.documents.get(name);
      if (!document || room <= 0 || count <= 0) {
        if (!document) this.#news.delete(name);
        continue;
      }
      have.set(name, document.heads);
      const missing = this.#missing(name, document);
      let most = 0;
      for (let left = room; most < missing.length && left > 0 && most < count; most++) left -= missing[most]!.length;
      const { count: fitting, proof } =
        most > 0 ? this.documents.prove(name, missing, most) : { count: 0, proof: undefined };
      const piece = missing.slice(0, fitting);
      for (const { length } of piece) room -= length;
      count -= fitting;
      if (fitting > 0) changes.push(proof ? [name, piece, proof] : [name, piece]);
      this.#news.delete(name);
      if (fitting === 0 || fitting === missing.length) continue;
      this.#transfers.begin(name, {
        theirs: this.#theirs.get(name)!,
        ours: document.heads,
        changes: missing,
        sent: fitting,
      });
      // Behind the others, so that none of them waits for a whole long history.
      this.#news.add(name);
    }
    for (const name of [...this.#wanted.keys(), ...mentioned]) {
      const heads = this.documents.get(name)?.heads ?? [];
      have.set(name, heads);
      const wanted = this.#wanted.get(name);
      if (wanted) wanted.asked = heads;
    }
    return {
      ...(have.size > 0 ? { have: [...have] } : {}),
      ...(changes.length > 0 ? { changes } : {}),
    };
  }

  /** The digests are equal: the peer has every document in the same state. */
  #agree(digest: string): void {
    this.#news.clear();
    this.#wanted.clear();
    if (digest === this.#agreed) return;
    this.#agreed = digest;
    for (const name of this.documents.names()) {
      const { heads } = this.documents.get(name)!;
      this.#theirs.set(name, heads);
      this.#common.set(name, heads);
    }
  }

  /** Forgets documents that no longer exist. */
  #prune(): void {
    for (const known of [this.#theirs, this.#common, this.#transfers])
      for (const name of known.keys()) if (!this.documents.get(name)) known.delete(name);
  }

  /** The changes that the peer lacks of a document; none before it has named its heads. */
  #missing(name: DocumentName, document: Document): Uint8Array[] {
    const theirs = this.#theirs.get(name);
    const rest = this.#transfers.take(name, document, theirs);
    if (theirs === undefined) return [];
    if (rest) return rest;
    if (document.knows(theirs)) return document.changesSince(theirs);
    return this.documents.isShared(name) ? document.changesSince(this.#common.get(name) ?? []) : [];
  }

  /** A request brought nothing once more. */
  #judge(name: DocumentName): void {
    const wanted = this.#wanted.get(name);
    if (!wanted || ++wanted.inVain < patience) return;
    this.#wanted.delete(name);
    this.documents.discard(name);
    // The peer may have replaced it by now, for example with a later epoch.
    this.#listed = false;
  }
}
