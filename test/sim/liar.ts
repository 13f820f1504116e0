/**
 * A program that reaches the port of every daemon and lies: frames that are valid, but forged, stale, repeated or
 * oversized. It joins as a member of its own and holds nothing, since its own entries it may write. The promises hold
 * for everybody else.
 */

import type { Heads } from '../../src/crdt/document.js';
import type { DocumentName, RunId } from '../../src/crdt/ids.js';
import type { Daemon } from '../../src/daemon/core/daemon.js';
import { hashOf } from '../../src/crdt/change-reader.js';
import { catalogName } from '../../src/crdt/catalog.js';
import { holdingsName } from '../../src/crdt/holdings.js';
import { type Frame, protocolVersion, type Sign } from '../../src/daemon/core/replication/frame.js';
import { aliveText, callText, changeText, type Proof, runIdOf } from '../../src/daemon/core/identity.js';
import { forgedChange } from '../helpers/forged-change.js';
import { asName, asRunId, entryOf, holdingsOf, ownerOf } from '../helpers/samples.js';
import { dice, type Host, signatures, type World } from '../helpers/world.js';

const hostile = [{ count: 15_000 }, { seq: 30 }, { startOp: 2 ** 32 }].map(forgedChange);

/** ms between two lies. */
const pace = 150;

type Said = Partial<Frame>;

export class Liar {
  readonly #random: () => number;
  readonly #identity;
  readonly #runId: RunId;
  readonly #name: string;
  readonly #url = 'http://liar.example:1';
  /** What it has seen of others, to say it again when it is stale. */
  readonly #seen: Said[] = [];
  readonly #made = new Map<string, Said>();
  #counter: number;

  constructor(
    private readonly world: World,
    private readonly hosts: readonly Host[],
    seed: number,
  ) {
    this.#random = dice(seed);
    this.#identity = signatures(this.#random).newIdentity();
    this.#runId = runIdOf(this.#identity.key);
    this.#counter = this.#pick([1, 1e6, 2 ** 45]);
    // Its own name, or that of a daemon that is alive.
    this.#name = this.#pick(['liar', ...hosts.filter(({ daemon }) => daemon).map(({ name }) => name)]);
  }

  get runId(): RunId {
    return this.#runId;
  }

  /** Lies for a while. */
  async run(ms: number): Promise<void> {
    const until = this.world.time + ms;
    while (this.world.time < until) {
      this.#counter++;
      const generation = this.#pick([1, 5, 2 ** 40]);
      for (const { daemon, paused } of this.hosts) {
        if (!daemon || paused) continue;
        this.#say(daemon, this.#holdingsOf(this.#runId, 1, this.#name, generation));
        this.#say(daemon, { signs: [this.#sign(this.#runId, this.#counter)] });
        this.#say(daemon, this.#lie(daemon));
      }
      await this.world.advance(pace);
    }
  }

  #lie(to: Daemon): Said {
    const others = this.hosts.flatMap(({ daemon }) => daemon ?? []);
    const victim = this.#pick(others);
    const [counter, voucher] = this.#known(to, victim);
    const lies: (() => Said)[] = [
      // That the receiver was silent, or that its clock stood still.
      () => ({ signs: [[to.runId, to.self?.counter ?? 1, 1e9, -1]] }),
      // Counters that are not signed, or by another key.
      () => ({ signs: [[victim.runId, 1e12, 0, -1], this.#sign(victim.runId, 1e12)] }),
      // A true counter with a wrong age, and a farewell that was none.
      () => ({ signs: [[victim.runId, counter, 1e9, 1e9, ...voucher]] }),
      () => ({ signs: [[victim.runId, counter, 0, -1, ...voucher]] }),
      // Incarnations that nobody has.
      () => ({
        signs: Array.from({ length: 50 }, (_, n): Sign => [asRunId(`nobody-${n}-${this.#counter}`), 1, 0, -1]),
      }),
      // Epochs of others.
      () => this.#holdingsOf(victim.runId, this.#pick([1, 2, 3, 999_999_999]), victim.settings.name, 9),
      // What would block, end or cut off the daemon that merges it.
      () => ({ sync: { changes: [[catalogName, [this.#pick(hostile)]]] } }),
      // That it has what it has not, and lacks what it does not know of.
      () => ({ sync: { have: this.#haves(to), all: true, digest: 'wrong' } }),
      () => ({ sync: { have: [[asName(`holdings/${this.#runId}/7`), ['ab'.repeat(32)]]] } }),
      // Renewals for what others hold.
      () => ({ renewals: [...to.view.online.select({})].map(([id, { life, rev }]) => [id, life, rev]) }),
      // True words of others, late and again.
      () => this.#pick(this.#seen) ?? {},
    ];
    return this.#pick(lies)();
  }

  /** How far a daemon has counted, and what shows that, as its peers know it. */
  #known(to: Daemon, { runId }: Daemon): [number, Proof | []] {
    const one = to.membership.get(runId);
    return [one?.counter ?? 1, one?.voucher ?? []];
  }

  #haves(to: Daemon): [DocumentName, Heads][] {
    return [...to.documents.names()].map((name) => [name, to.documents.get(name)!.heads]);
  }

  #sign(runId: RunId, counter: number): Sign {
    const { key } = this.#identity;
    return [runId, counter, 0, -1, key, this.#identity.sign(aliveText(runId, counter))];
  }

  /** Holdings under any name, made once: writing them is dear. */
  #holdingsOf(runId: RunId, epoch: number, name: string, generation: number): Said {
    const title = holdingsName(runId, epoch);
    const key = [title, name, generation].join(' ');
    const known = this.#made.get(key);
    if (known) return known;
    const entries = runId === this.#runId ? {} : { 'app0/1.0.0/66.66.66.66/80': entryOf({ rev: 9, ttl: 86_400_000 }) };
    const { document } = holdingsOf(ownerOf(name, { runId, url: this.#url, generation }), entries);
    const changes = document.changesSince([]);
    document.free();
    const signature = this.#identity.sign(changeText(title, hashOf(changes.at(-1)!)));
    const made: Said = { sync: { changes: [[title, changes, [this.#identity.key, signature]]] } };
    this.#made.set(key, made);
    return made;
  }

  /** What becomes of it is the receiver's affair. */
  #say(to: Daemon, said: Said): void {
    const { key } = this.#identity;
    const proof = this.#identity.sign(callText(to.runId, to.settings.url));
    const url = this.#pick([this.#url, this.#pick(this.hosts).url]);
    const from = {
      name: this.#name,
      runId: this.#runId,
      generation: 1,
      url,
      synced: true,
      warm: true,
      key,
      proof,
    };
    try {
      const answer = to.receive({ v: protocolVersion, cluster: 'test', from, ...said });
      Promise.resolve(answer).then(
        ({ signs, sync }) =>
          this.#remember({
            ...(signs && { signs }),
            ...(sync?.changes && { sync: { changes: sync.changes } }),
          }),
        () => {},
      );
    } catch {
      // Refused.
    }
  }

  #remember(seen: Said): void {
    if (this.#seen.length < 100) this.#seen.push(seen);
  }

  #pick = <T>(from: readonly T[]): T => from[Math.floor(this.#random() * from.length)]!;
}
