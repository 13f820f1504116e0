/**
 * What the log says of the other daemons: that one has joined, restarted, was lost, is back or has left, and that this
 * daemon is cut off. Each is said once, when it happens; of a daemon that comes and goes again and again, a few times a
 * minute.
 */

import type { MonotonicTime } from '../../../crdt/clocks.js';
import type { DaemonName, RunId } from '../../../crdt/ids.js';
import type { Log } from '../log.js';
import type { Announcement } from '../view/announcements.js';

type Identity = Announcement['daemon'];

interface Acquaintance {
  /** Its incarnations that are online, by run id. */
  online: Set<RunId>;
  /** How it went, while none is online. */
  absence: 'lost' | 'left' | undefined;
  /** When (monotonic ms) the present minute of reports began, and how many there were in it. */
  minuteAt: MonotonicTime;
  reports: number;
}

export interface IsolationNews {
  isCutOff: boolean;
  /** Whether that has ended although nobody came back. */
  gaveUp: boolean;
  /** Other daemons that are heard, and known. */
  heard: number;
  known: number;
}

/** Lines on one daemon in a minute. */
const mostReports = 6;
const minuteMs = 60_000;

/** Names in one line. */
const mostNames = 10;

/** Daemons, beyond which those that are gone are forgotten. */
const mostKnown = 1000;

export class PeerNews {
  readonly #known = new Map<DaemonName, Acquaintance>();
  /** What this turn has found. */
  readonly #heard: Announcement[] = [];
  #isCutOff = false;

  /**
   * @param ownName  of this daemon, of which nothing is said
   * @param now  monotonic ms
   */
  constructor(
    private readonly ownName: string,
    private readonly now: () => MonotonicTime,
    private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {}

  /** Another daemon came online or went. */
  hear(event: Announcement): void {
    this.#heard.push(event);
  }

  /** These are there already when this daemon has joined. */
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
   * Says what one turn has found.
   * @param hasLeft  whether that incarnation said goodbye
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

  /** How many of the others this daemon hears, and whether that is too few to trust its own view. */
  isolation({ isCutOff, gaveUp, heard, known }: IsolationNews): void {
    if (isCutOff === this.#isCutOff) return;
    this.#isCutOff = isCutOff;
    const fields = { hears: heard, of: known };
    if (isCutOff)
      this.log.warn(fields, `cut off: hears ${heard} of ${known} other daemons, and takes its view for stale`);
    else if (gaveUp)
      this.log.warn(fields, 'was cut off for too long (--isolated-for): takes the daemons that it hears for all');
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
      this.log.warn({ peer: name, url }, 'this peer comes and goes: no more of it for a minute');
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
