/** Waits for events, and counts how many came, from any source. */

export type EventType = 'online' | 'offline';

export class Awaited {
  /** How many events of each type arrived. */
  readonly counts = new Map<string, number>();
  readonly #awaited = new Map<string, (at: number) => void>();

  /** `performance.now()` when the next such event arrives; rejects after some time. */
  next(type: EventType, id: string, patienceMs = 30_000): Promise<number> {
    const key = `${type} ${id}`;
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error(`no ${key} within ${patienceMs} ms`)), patienceMs);
      this.#awaited.set(key, (at) => {
        clearTimeout(patience);
        this.#awaited.delete(key);
        resolve(at);
      });
    });
  }

  /** Such an event has arrived, about an instance or about something else. */
  hear(type: string, id?: string): void {
    const at = performance.now();
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    if (id !== undefined) this.#awaited.get(`${type} ${id}`)?.(at);
  }
}
