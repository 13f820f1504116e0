/**
 * The links of this daemon, by where the peer is called: to its neighbours among the members, to daemons that may exist
 * without being members, and to recent callers.
 *
 * 1. A link that is neither wanted nor to a recent caller is closed when links are chosen anew.
 * 2. A link that turns out to lead to this daemon itself is closed.
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

/** How many daemons that are no live members (seeds, former ones) are called with each heartbeat. */
const callsToFormer = 8;

export class LinkTable {
  readonly #links = new Map<CallTarget, Link>();
  /** Members that call, by URL: each has a link. */
  readonly #callers = new RecentCallers<CallTarget>();
  /** Callers that are no members, or not at the URL that they advertise, and the sync state of each. */
  readonly #unknownCallers = new RecentCallers<RunId>();
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

  /** Links to all peers that may have the state of the cluster: the configured ones, and those known from before. */
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

  /** Links to all peers that this daemon keeps exchanging with. */
  wanted(): Link[] {
    return [...this.#links.values()].filter(({ url }) => this.#wanted.has(url));
  }

  at(url: CallTarget): Link {
    let link = this.#links.get(url);
    if (!link) this.#links.set(url, (link = this.open(url)));
    return link;
  }

  /** The incarnation that last answered at a URL, if there is a link. */
  runIdAt(url: DaemonUrl): RunId | undefined {
    return this.#links.get(url)?.runId;
  }

  /** The link over which the last exchange reached that incarnation. */
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

  /** The sync state for a caller that may be no member, or not at the URL that it advertises. */
  syncWith(runId: RunId): PeerSync {
    const evicted = this.#unknownCallers.touch(runId, this.now());
    if (evicted !== undefined) this.#callerSyncs.delete(evicted);
    let sync = this.#callerSyncs.get(runId);
    if (!sync) this.#callerSyncs.set(runId, (sync = new PeerSync(this.documents)));
    return sync;
  }

  /**
   * Chooses links again: to the neighbours among the members, and to some daemons that may exist although they are no
   * members: seeds, and lost daemons that may come back.
   */
  choose(): void {
    const wanted = (this.#wanted = new Set<CallTarget>(this.#neighbours()));
    const live = new Set<CallTarget>(this.membership.live().map(({ holdings }) => holdings!.owner!.url));
    // The advertised URL may lead to other daemons as well: one name for all, or a load balancer.
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
    this.#unknownCallers.expire(this.now());
    for (const runId of this.#callerSyncs.keys()) if (!this.#unknownCallers.has(runId)) this.#callerSyncs.delete(runId);
    for (const url of wanted) this.at(url);
    for (const link of this.#links.values())
      if (!wanted.has(link.url) && !this.#callers.has(link.url)) this.#close(link);
  }

  stop(): void {
    for (const link of this.#links.values()) link.close();
  }

  /**
   * Whether there is an exchange with that incarnation at its advertised URL, or none is wanted since it is no
   * neighbour.
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
