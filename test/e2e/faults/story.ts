/** What the events of one daemon say is online, and where they contradict themselves. */

import type { Told } from './history.js';

/** A coming or going. After a snapshot, `implied`: what must have happened meanwhile. */
export interface Transition {
  at: number;
  daemon: string;
  id: string;
  online: boolean;
  /** Since when it was so before; undefined where that is not known. */
  since: number | undefined;
  reason: string;
}

export class Story {
  /** Since when each id has been online. */
  readonly picture = new Map<string, number>();
  readonly transitions: Transition[] = [];
  /** Events that said what was so already. Invariant 3. */
  readonly contradictions: string[] = [];

  constructor(readonly daemon: string) {}

  take(told: Told): void {
    const { at } = told;
    if (told.type === 'snapshot') this.#replace(new Set(told.ids), at);
    else if (told.type === 'online' || told.type === 'offline') {
      const online = told.type === 'online';
      if (this.picture.has(told.id) === online)
        this.contradictions.push(`${this.daemon} says ${told.type} again of ${told.id} at ${at.toFixed(0)}`);
      this.#turn(told.id, at, online, told.type === 'offline' ? told.reason : '');
    }
  }

  #replace(ids: ReadonlySet<string>, at: number): void {
    for (const id of [...this.picture.keys()]) if (!ids.has(id)) this.#turn(id, at, false, 'missed');
    for (const id of ids) if (!this.picture.has(id)) this.#turn(id, at, true, 'missed');
  }

  #turn(id: string, at: number, online: boolean, reason: string): void {
    this.transitions.push({ at, daemon: this.daemon, id, online, since: this.picture.get(id), reason });
    if (online) this.picture.set(id, at);
    else this.picture.delete(id);
  }
}
