/**
 * Log lines about the other daemons: one has joined, restarted, was lost, is back or has left, and this daemon is cut
 * off. Each is logged once, when it happens; a daemon that comes and goes again and again has a few lines per minute.
 */

import type { MonotonicTime } from '../../../crdt/clocks.js';
import type { DaemonName, RunId } from '../../../crdt/ids.js';
import type { Log } from '../log.js';
import type { Announcement } from '../view/announcements.js';

type Identity = Announcement['daemon'];

interface Acquaintance {
  /** Its incarnations that are online, by run id. */
  online: Set<RunId>;
  /** Why none is online. */
  absence: 'lost' | 'left' | undefined;
  /** When the present minute of reports began, and how many there were in it. */
  minuteAt: MonotonicTime;
  reports: number;
}

export interface IsolationNews {
  isCutOff: boolean;
  /** Whether that has ended although no daemon came back. */
  gaveUp: boolean;
  /** How many other daemons are heard, and known. */
  heard: number;
  known: number;
}

/** The most lines about one daemon in a minute. */
const mostReports = 6;
const minuteMs = 60_000;

/** The most names in one line. */
const mostNames = 10;

/** How many daemons are remembered; beyond that, those that are gone are forgotten. */
const mostKnown = 1000;

export class PeerNews {
  readonly #known = new Map<DaemonName, Acquaintance>();
  /** The announcements of this turn. */
  readonly #heard: Announcement[] = [];
  #isCutOff = false;

  /**
   * @param ownName  of this daemon, about which nothing is logged
   * @param now  monotonic ms
   */
  constructor(
    private readonly ownName: string,
    private readonly now: () => MonotonicTime,
    private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {}

  /** A daemon came online or went offline. */
  hear(event: Announcement): void {
    this.#heard.push(event);
  }

  /** This daemon has joined: these were there already. */
  joined(daemons: readonly Identity[]): void {
    this.#heard.length = 0;
    for (const daemon of daemons) this.#of(daemon.name).online.add(daemon.runId);
    const names = daemons.map(({ name }) => name).filter((name) => name !== this.ownName);
    if (names.length === 0) return;
    const more = names.length - mostNames;
    this.log.info(
      { peers: names.slice(0, mostNames), ...(more > 0 && { more }) },
      `joined a cluster of ${names.length + 1} daemons`,
    );
  }

  /**

   * Logs what one turn has found.
   * @param hasLeft  whether that incarnation has announced that it leaves
   */
  tell(hasLeft: (runId: RunId) => boolean): void {
    if (this.#heard.length === 0) return;
    const before = new Map<DaemonName, Set<RunId>>();
    const last = new Map<DaemonName, Identity>();
    for (const { type, daemon } of this.#heard.splice(0)) {
      const { name, runId } = daemon;
      if (name === this.ownName) continue;
      const known = this.#of(name);
      if (!before.has(name)) before.set(name, new Set(known.online));
      last.set(name, daemon);
      if (type === 'daemon-online') known.online.add(runId);
      else known.online.delete(runId);
    }
    for (const [name, daemon] of last) this.#compare(daemon, before.get(name)!, hasLeft(daemon.runId));
  }

  /** Logs when an isolation begins or ends. */
  isolation({ isCutOff, gaveUp, heard, known }: IsolationNews): void {
    if (isCutOff === this.#isCutOff) return;
    this.#isCutOff = isCutOff;
    const fields = { hears: heard, of: known };
    if (isCutOff) this.log.warn(fields, `cut off: hears ${heard} of ${known} other daemons, its view is stale`);
    else if (gaveUp)
      this.log.warn(fields, 'was cut off for too long (--isolated-for): now relies only on the daemons that it hears');
    else this.log.info(fields, `no longer cut off: hears ${heard} of ${known} other daemons`);
  }

  #compare(daemon: Identity, before: ReadonlySet<RunId>, hasLeft: boolean): void {
    const known = this.#of(daemon.name);
    const cameOnline = [...known.online].some((runId) => !before.has(runId));
    if (known.online.size === 0) {
      if (before.size === 0) return;
      known.absence = hasLeft ? 'left' : 'lost';
      this.#report(known, daemon, `peer ${known.absence}`);
      this.#trim();
    } else if (cameOnline) {
      const how = before.size > 0 ? 'restarted' : known.absence === 'lost' ? 'back' : 'joined';
      known.absence = undefined;
      this.#report(known, daemon, `peer ${how}`);
    }
  }

  #report(known: Acquaintance, { name, url }: Identity, message: string): void {
    const now = this.now();
    if (now - known.minuteAt >= minuteMs) Object.assign(known, { minuteAt: now, reports: 0 });
    if (++known.reports <= mostReports) this.log.info({ peer: name, url }, message);
    else if (known.reports === mostReports + 1)
      this.log.warn({ peer: name, url }, 'this peer comes and goes: it is not logged again for a minute');
  }

  /** Forgets the first one met of the peers that are gone. */
  #trim(): void {
    if (this.#known.size <= mostKnown) return;
    const gone = [...this.#known].find(([, { online }]) => online.size === 0);
    if (gone) this.#known.delete(gone[0]);
  }

  #of(name: DaemonName): Acquaintance {
    let known = this.#known.get(name);
    if (!known)
      this.#known.set(name, (known = { online: new Set(), absence: undefined, minuteAt: -Infinity, reports: 0 }));
    return known;
  }
}
