/** Writes to the catalog, and whether they are where they have to be. */

import type { Host } from '../helpers/world.js';
import type { Stage } from './stage.js';

export class CatalogWrites {
  /** By name, the processes that must have heard of it. */
  readonly #acknowledged = new Map<string, { host: Host; process: number }[]>();

  constructor(private readonly stage: Stage) {}

  /** A backend is created or changed at some daemon. */
  write(): void {
    const { world, truth, hosts, pick, below, running } = this.stage;
    const host = pick(running.filter(({ daemon }) => daemon!.phase === 'running'));
    if (!host) return;
    const { backends } = host.daemon!.catalog;
    const name = `backend${below(3)}`;
    const version = `1.${below(100)}.0`;
    try {
      if (backends.list().some((one) => one.name === name)) backends.update(name, { version }, 'sim', { atLeast: 0 });
      else backends.create({ name, app: 'app0', version }, 'sim');
    } catch (error) {
      this.stage.checker.report('catalog', String(error));
    }
    const { process } = host;
    // Worth promising once it had a moment to leave the daemon that took it.
    void world.after(500, () => {
      if (host.process !== process || host.stalled) return;
      const companions = truth.companions(host.name, 400);
      const heard = hosts.filter((one) => one === host || companions.has(one.name));
      this.#acknowledged.set(name, [
        ...(this.#acknowledged.get(name) ?? []),
        ...heard.map((one) => ({ host: one, process: one.process })),
      ]);
    });
  }

  /** Whether every daemon knows what was acknowledged, and all of them tell the same history. */
  check(): void {
    const { checker, places } = this.stage;
    for (const { daemon, name } of places)
      for (const [backend, heard] of this.#acknowledged)
        // While one that has it survives.
        if (
          heard.some((one) => one.host.process === one.process) &&
          !daemon!.catalog.backends.list().some((one) => one.name === backend)
        )
          checker.report('catalog', `${name} does not know ${backend}, which was acknowledged`);
    // Which of two concurrent edits names the other may differ.
    const historyOf = ({ daemon }: Host): string =>
      JSON.stringify(
        daemon!.catalog
          .history({ limit: 5000 })
          .map(({ concurrent, ...edit }) => ({ ...edit, isConcurrent: Boolean(concurrent) })),
      );
    const histories = places.map(historyOf);
    const other = histories.findIndex((history) => history !== histories[0]);
    if (other > 0)
      checker.report('catalog', `${places[other]!.name} tells another history of the catalog than ${places[0]!.name}`);
  }
}
