/**
 * The links of this daemon, by URL: to its neighbours among the members, to daemons that may be there without being
 * members, and to those that have called lately.
 *
 * 1. A link that is neither wanted nor to a recent caller is closed when links are chosen anew.
 * 2. No link leads to this daemon itself, as soon as that is known.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { CallTarget, DaemonUrl, RunId } from '../../../crdt/ids.js';
import { PeerSync } from '../../../crdt/peer-sync.js';
import type { Documents } from '../../../crdt/sync-message.js';
import type { Incarnation, Membership } from '../membership/membership.js';
import type { DaemonSettings } from '../runtime.js';
import type { Sender } from './frame.js';
import type { Link } from './link.js';
import { neighbours } from './overlay.js';
import { RecentCallers } from './recent-callers.js';
import type { Seeds } from './seeds.js';

/** Daemons that are no live members (seeds, former ones) that are called with each heartbeat. */
const callsToFormer = 8;

export class LinkTable {
  readonly #links = new Map<CallTarget, Link>();
  /** Members that call, by URL: they have a link. */
  readonly #callers = new RecentCallers<CallTarget>();
  /** Callers that are no members, or not where they say, and what was said with each. */
  readonly #strangers = new RecentCallers<RunId>();
  readonly #callerSyncs = new Map<RunId, PeerSync>();
  readonly #ownUrls: Set<CallTarget>;
  /** URLs that this daemon keeps exchanging with; other links are to callers. */
  #wanted = new Set<CallTarget>();
  #lastNeighbours: { live: readonly Incarnation[]; runId: RunId; urls: readonly DaemonUrl[] } | undefined;
  #formerTurn = 0;

  /**
   * @param seeds  the configured peers
   * @param now  lease-clock ms
   * @param ownRunId  of the present incarnation
   * @param open  makes a link
   */
  constructor(
    private readonly settings: Pick<DaemonSettings, 'url'>,
    private readonly seeds: Seeds,
    private readonly membership: Membership,
    private readonly documents: Documents,
    private readonly now: () => LeaseTime,
    private readonly ownRunId: () => RunId,
    private readonly open: (at: CallTarget) => Link,
  ) {
    this.#ownUrls = new Set([settings.url]);
  }

  /** Links to everyone who may know what happened: the configured peers, and those known from before. */
  toJoin(): Link[] {
    const members = this.membership.live().map(({ holdings }) => holdings!.owner!.url);
    const urls = new Set([...this.seeds.toJoin(), ...members.filter((url) => !this.#ownUrls.has(url))]);
    urls.delete(this.settings.url);
    return [...urls].map((url) => this.at(url));
  }

  /** Links to the live members that this daemon exchanges with. */
  members(): Link[] {
    return this.#neighbours().map((url) => this.at(url));
  }

  /** Links to all that this daemon keeps exchanging with. */
  wanted(): Link[] {
    return [...this.#links.values()].filter(({ url }) => this.#wanted.has(url));
  }

  at(url: CallTarget): Link {
    let link = this.#links.get(url);
    if (!link) this.#links.set(url, (link = this.open(url)));
    return link;
  }

  /** The incarnation that was met last at a URL, as far as there is a link. */
  runIdAt(url: DaemonUrl): RunId | undefined {
    return this.#links.get(url)?.runId;
  }

  /** The link over which that incarnation was reached last, if it was. */
  linkTo(url: DaemonUrl, runId: RunId): Link | undefined {
    const link = this.#links.get(url);
    return link?.up && link.runId === runId ? link : undefined;
  }

  /** The link leads to this daemon itself. */
  isSelf(link: Link): void {
    if (this.seeds.has(link.url)) this.seeds.ledToSelf(link.url);
    else this.#ownUrls.add(link.url);
    this.#lastNeighbours = undefined;
    this.#close(link);
  }

  /** The link to a member that calls. */
  toCaller({ url, runId }: Sender): Link {
    const evicted = this.#links.get(this.#callers.touch(url, this.now()) ?? '');
    if (evicted && !this.#wanted.has(evicted.url)) this.#close(evicted);
    const link = this.at(url);
    link.identify(runId);
    return link;
  }

  /** What was said with a caller that may be no member, or not where it says. */
  syncWith(runId: RunId): PeerSync {
    const evicted = this.#strangers.touch(runId, this.now());
    if (evicted !== undefined) this.#callerSyncs.delete(evicted);
    let sync = this.#callerSyncs.get(runId);
    if (!sync) this.#callerSyncs.set(runId, (sync = new PeerSync(this.documents)));
    return sync;
  }

  /**
   * Chooses links anew: to the neighbours among the members, and to some of those who may be there unknown to us, which
   * are the seeds as long as they are no members, and those who were lost and may come back.
   */
  choose(): void {
    const wanted = (this.#wanted = new Set<CallTarget>(this.#neighbours()));
    const live = new Set<CallTarget>(this.membership.live().map(({ holdings }) => holdings!.owner!.url));
    // What is advertised may lead to others as well: a name for all, or a balancer.
    live.delete(this.settings.url);
    this.seeds.refresh();
    const seeds = this.seeds.due((runId) => this.#isLinked(runId));
    const missing = new Set<CallTarget>([...seeds, ...this.membership.formerUrls()]);
    for (const { holdings, lost, left } of this.membership.all())
      if (lost && !left && holdings?.owner) missing.add(holdings.owner.url);
    const former = [...missing].filter((url) => !live.has(url));
    for (let count = Math.min(callsToFormer, former.length); count > 0; count--)
      wanted.add(former[this.#formerTurn++ % former.length]!);
    for (const url of this.#ownUrls) if (!this.seeds.has(url)) wanted.delete(url);
    this.#callers.expire(this.now());
    this.#strangers.expire(this.now());
    for (const runId of this.#callerSyncs.keys()) if (!this.#strangers.has(runId)) this.#callerSyncs.delete(runId);
    for (const url of wanted) this.at(url);
    for (const link of this.#links.values())
      if (!wanted.has(link.url) && !this.#callers.has(link.url)) this.#close(link);
  }

  stop(): void {
    for (const link of this.#links.values()) link.close();
  }

  /**
   * Whether there is an exchange with that incarnation where it advertises, or none is wanted as it is no neighbour.
   */
  #isLinked(runId: RunId): boolean {
    const member = this.membership.get(runId);
    const url = member?.holdings?.owner?.url;
    if (!member || member.lost || url === undefined) return false;
    return this.linkTo(url, runId) !== undefined || !this.#neighbours().includes(url);
  }

  #close(link: Link): void {
    link.close();
    this.#links.delete(link.url);
  }

  /** The URLs of the live members that this daemon exchanges with. */
  #neighbours(): readonly DaemonUrl[] {
    const live = this.membership.live();
    const runId = this.ownRunId();
    const last = this.#lastNeighbours;
    if (last?.live === live && last.runId === runId) return last.urls;
    const chosen = new Set(
      neighbours(
        runId,
        live.map((one) => one.runId),
      ),
    );
    const all = live.flatMap((one) => (chosen.has(one.runId) ? [one.holdings!.owner!.url] : []));
    const urls = [...new Set(all)].filter((url) => !this.#ownUrls.has(url));
    this.#lastNeighbours = { live, runId, urls };
    return urls;
  }
}
