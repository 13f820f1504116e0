/**
 * The holdings of one incarnation: a document that only its owner writes, and all others replicate.
 *
 * Its root keys are numbers, and the value of each is a note: what changed, by kind and id. The kinds are `daemon` (the
 * owner record), `entry` (what it holds), `released` (lives that were deleted at this daemon) and `decided` (decisions
 * on lives that were made at this daemon, whichever daemon holds them). For each kind and id, the last note counts. A
 * single writer means that there are no conflicts, and that replicas are prefixes of the original. A document counts
 * once it has its `daemon`: a new epoch writes that last, so that half a transfer never looks like a mass removal.
 */

import * as v from 'valibot';
import { isBaseUrl } from '../model/base-url.js';
import { limits } from '../model/limits.js';
import type { RegistrationId } from '../model/registration.js';
import { isName } from '../model/validate.js';
import type { Change } from './change-reader.js';
import type { Decision } from './decision.js';
import { type Document, sameHeads } from './document.js';
import { decidedShape, type Entry, read, readEntry, sameEntry } from './entry.js';
import type { DaemonName, DaemonUrl, DocumentName, LifeId, RunId } from './ids.js';
import { type Item, readNote } from './notes.js';
import { visible } from '../model/visible.js';

/** The owner of a holdings document. */
export interface Owner {
  name: DaemonName;
  generation: number;
  runId: RunId;
  /** The base URL at which peers reach the owner. */
  url: DaemonUrl;
  /** The base URL at which clients reach it, if that is another one. */
  api?: DaemonUrl;
  /** The bender version that the owner runs. */
  version: string;
  /** Unix ms by its own clock; informative. */
  started: number;
  /** The owner is stopping, and writes nothing more. */
  leaving?: boolean;
  /** A signed claim that binds the name to the run id, if daemons have certificates. */
  claim?: string;
  /** In a later epoch: how many notes of the former one it replaces. Later notes are written to both. */
  follows?: number;
}

/** Lives of one id that were deleted or replaced. */
export interface Release {
  lives: readonly LifeId[];
  /** ms: the longest TTL among them, and so how long a copy of one may still exist. */
  ttl: number;
  /** Those that ended because another version or instance was registered at their address. */
  replaced?: readonly LifeId[];
}

/** A decision, for the holder of the entry with that life. */
export interface Decided {
  life: LifeId;
  decision: Decision;
}

/** One change of a holdings document. */
export type HoldingsChange =
  | { kind: 'owner'; owner: Owner }
  | { kind: 'entry'; id: RegistrationId; entry: Entry | undefined }
  | { kind: 'released'; id: RegistrationId; release: Release | undefined }
  | { kind: 'decided'; id: RegistrationId; decided: Decided | undefined };

/** The name of an incarnation's document of one epoch: `holdings/RUNID/EPOCH`. */
export const holdingsName = (runId: RunId, epoch: number): DocumentName => `holdings/${runId}/${epoch}` as DocumentName;

/** The parts of such a name, or undefined for any other. */
export function parseHoldingsName(name: string): { runId: RunId; epoch: number } | undefined {
  const match = /^holdings\/([\w-]{8,64})\/([1-9]\d{0,8})$/.exec(name);
  return match ? { runId: match[1] as RunId, epoch: Number(match[2]) } : undefined;
}

/** The decoded state of a holdings document. */
export class Holdings {
  protected current: Owner | undefined;
  protected readonly byId = new Map<RegistrationId, Entry>();
  protected readonly releases = new Map<RegistrationId, Release>();
  protected readonly decisions = new Map<RegistrationId, Decided>();

  constructor(
    protected present: Document,
    protected number = 1,
    /** Whether an owner may have the name that it says. */
    private readonly isNamed: (owner: Owner) => boolean = () => true,
  ) {}

  get document(): Document {
    return this.present;
  }

  /** The number of the owner's document: each new one begins with an empty history. */
  get epoch(): number {
    return this.number;
  }

  /** Undefined while the document is not complete. */
  get owner(): Owner | undefined {
    return this.current;
  }

  get entries(): ReadonlyMap<RegistrationId, Entry> {
    return this.byId;
  }

  /** By id, the lives that were deleted at the owner. */
  get released(): ReadonlyMap<RegistrationId, Release> {
    return this.releases;
  }

  /** By id, the recent decisions that were made at the owner. */
  get decided(): ReadonlyMap<RegistrationId, Decided> {
    return this.decisions;
  }

  /** Applies one item of a note. */
  protected take([kind, id, value]: Item): HoldingsChange | undefined {
    if (kind === 'daemon') {
      const owner = read(ownerShape, value) as Owner | undefined;
      if (owner === undefined || !this.isNamed(owner)) return undefined;
      this.current = owner;
      return { kind: 'owner', owner };
    }
    if (!isId(id)) return undefined;
    if (kind === 'entry') {
      const entry = value === undefined ? undefined : readEntry(value);
      if (entry) this.byId.set(id, entry);
      else this.byId.delete(id);
      return { kind, id, entry };
    }
    if (kind === 'released') {
      const release = read(releaseShape, value) as Release | undefined;
      if (release) this.releases.set(id, release);
      else this.releases.delete(id);
      return { kind, id, release };
    }
    if (kind === 'decided') {
      const decided = read(decidedShape, value) as Decided | undefined;
      if (decided) this.decisions.set(id, decided);
      else this.decisions.delete(id);
      return { kind, id, decided };
    }
    return undefined;
  }
}

/** The holdings of another incarnation, as far as they have arrived. */
export class HoldingsReplica extends Holdings {
  /** The number of the last note that was applied. Each is applied once, in order. */
  #taken = 0;
  /** How many more notes the former epoch had when this document became complete. */
  #behindFormer: number | undefined;

  /** Applies a change before it is merged, if it is the next one. Returns what has changed. */
  preview(change: Change): HoldingsChange[] {
    return sameHeads(change.deps, this.document.heads) ? this.#takeNotes([change]) : [];
  }

  /**
   * Merges what arrived. Returns what has changed and, if the document is not as the owner writes it, the reason: then
   * it has to be fetched again.
   */
  merge(changes: readonly (Change | Uint8Array)[]): { changes: HoldingsChange[]; misfit?: string } {
    const { changes: merged, misfit } = this.document.apply(changes);
    const isLine = this.document.heads.length <= 1;
    const why = misfit ?? (isLine ? undefined : 'two changes of which neither follows the other');
    return { changes: this.#takeNotes(merged), ...(why !== undefined && { misfit: why }) };
  }

  /**
   * Whether it has come as far as another replica of the same document, which may contain changes that the owner did
   * not write.
   */
  isAsFarAs(other: Holdings): boolean {
    const hasItsNotes = other instanceof HoldingsReplica && this.#taken >= other.#taken;
    return hasItsNotes || other.document.heads.some((hash) => this.document.knows([hash]));
  }

  /**
   * Whether this later epoch has everything that is known of the former one: a peer that lags may send an earlier state
   * of it.
   */
  hasAllOf(former: HoldingsReplica): boolean {
    return this.#behindFormer === undefined || this.#taken + this.#behindFormer >= former.#taken;
  }

  #takeNotes(changes: readonly Change[]): HoldingsChange[] {
    return changes
      .flatMap(({ writes }) => writes)
      .flatMap(({ key, value = '' }) => {
        const number = Number(key);
        if (!(number > this.#taken)) return [];
        this.#taken = number;
        return readNote(value).flatMap((item) => this.#takeItem(item, number) ?? []);
      });
  }

  #takeItem(item: Item, number: number): HoldingsChange | undefined {
    const change = this.take(item);
    if (change?.kind === 'owner' && change.owner.follows !== undefined)
      this.#behindFormer ??= change.owner.follows - number;
    return change;
  }
}

/** The changes that lead from one state to another. */
export function differenceOf(from: Holdings | undefined, to: Holdings): HoldingsChange[] {
  const changes: HoldingsChange[] = [{ kind: 'owner', owner: to.owner! }];
  for (const id of from?.entries.keys() ?? []) {
    if (!to.entries.has(id)) changes.push({ kind: 'entry', id, entry: undefined });
  }
  for (const id of from?.released.keys() ?? []) {
    if (!to.released.has(id)) changes.push({ kind: 'released', id, release: undefined });
  }
  for (const id of from?.decided.keys() ?? []) {
    if (!to.decided.has(id)) changes.push({ kind: 'decided', id, decided: undefined });
  }
  for (const [id, entry] of to.entries) {
    const before = from?.entries.get(id);
    if (!before || !sameEntry(before, entry)) changes.push({ kind: 'entry', id, entry });
  }
  for (const [id, release] of to.released) changes.push({ kind: 'released', id, release });
  for (const [id, decided] of to.decided) changes.push({ kind: 'decided', id, decided });
  return changes;
}

const idShape = /^[^\s/]{1,128}\/[^\s/]{1,128}\/[^\s/]{1,253}\/([1-9]\d{0,4})$/;

/** Whether `id` is the id of a registration. */
const isId = (id: string): id is RegistrationId =>
  visible.test(id) && Number(idShape.exec(id)?.[1] ?? Infinity) <= 65535;

const text = v.pipe(v.string(), v.maxLength(2 * limits.name), v.regex(visible));

/** Characters: room for a chain of certificates. */
export const longestClaim = 16_384;

const ownerShape = v.object({
  name: text,
  generation: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(limits.generation)),
  runId: text,
  url: v.pipe(v.string(), v.maxLength(512), v.regex(visible), v.check(isBaseUrl)),
  api: v.optional(v.pipe(v.string(), v.maxLength(512), v.regex(visible), v.check(isBaseUrl))),
  // It is part of the id under which the daemon itself is listed.
  version: v.custom<string>(isName),
  started: v.optional(v.number(), 0),
  leaving: v.optional(v.boolean()),
  claim: v.optional(v.pipe(v.string(), v.maxLength(longestClaim), v.regex(visible))),
  follows: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

const livesShape = v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.minLength(1), v.maxLength(limits.lives));

const releaseShape = v.object({
  lives: livesShape,
  replaced: v.optional(livesShape),
  ttl: v.pipe(v.number(), v.safeInteger(), v.minValue(limits.ttlMin), v.maxValue(limits.ttlMax)),
});
