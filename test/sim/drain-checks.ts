/** Whether drains that end by themselves do so when they are due, and not before, and once. */

import { isDraining } from '../../src/crdt/entry.js';
import { asId } from '../../src/model/registration.js';
import type { Host, World } from '../helpers/world.js';
import type { Decided, Life, Truth } from './truth.js';

/** ms by which a drain may end late: the longest wait for the holder, and what one daemon tells the others. */
const endLate = 1500 + 300;

export class DrainChecks {
  /** How often a drain was found to have ended when that was due. */
  ends = 0;
  /** By what keeps the daemons apart: how often the drain of each registration has ended by itself. */
  readonly #ended = new Map<object, Map<string, number>>();

  constructor(
    private readonly world: World,
    private readonly truth: Truth,
    private readonly report: (what: string) => void,
  ) {}

  /** A drain is to end by itself, if it says so, when it is due, on all that can know of it. */
  expectEnd(life: Life, drain: Decided): void {
    const { forMs, host, takenAt } = drain;
    if (forMs === undefined) return;
    this.world.after(forMs * (1 + 2 * this.truth.drift) + endLate, () => {
      for (const { name, daemon, stalled } of this.world.hosts.values()) {
        const entry = daemon?.phase === 'running' && !stalled ? daemon.view.winner(asId(life.id))?.entry : undefined;
        if (!entry || entry.life !== drain.life || !this.truth.isEndDue(life, drain, name)) continue;
        this.ends++;
        if (isDraining(entry))
          this.report(
            `${name} still drains ${life.id}, for ${forMs} ms from ${takenAt.toFixed(0)}, taken by ${host.name}`,
          );
      }
    });
  }

  /** A drain ended by itself at `daemon`: there must be one whose time is over, and each ends once. */
  onEnd({ name }: Host, daemon: object, { id, decided }: Life): void {
    const isOver = ({ takenAt, forMs }: Decided): boolean =>
      forMs !== undefined && takenAt + forMs * (1 - 2 * this.truth.drift) <= this.world.time + 1;
    if (!decided.some(isOver)) this.report(`${name} ends the drain of ${id}, and its time is not over`);
    const counts = this.#ended.get(daemon) ?? new Map<string, number>();
    const count = (counts.get(id) ?? 0) + 1;
    this.#ended.set(daemon, counts.set(id, count));
    if (count > decided.filter(isOver).length) this.report(`${name} ends the drain of ${id} again`);
  }

  /** Whether a daemon may show this after that decision, long after anything happened. */
  mayShow({ draining, forMs, takenAt }: Decided, shown: boolean): boolean {
    const { time } = this.world;
    if (shown !== draining) return forMs !== undefined && time >= takenAt + forMs * (1 - 2 * this.truth.drift);
    return forMs === undefined || time < takenAt + 2 * forMs + endLate;
  }
}
