/** Has an exchange with every peer to learn what it knows. Callers within one event-loop turn share it. */

import { type Log, logFailure } from '../log.js';
import type { Runtime } from '../runtime.js';
import type { LinkTable } from './link-table.js';
import { askForMs } from './timing.js';
import { within } from './within.js';

export class Inquiry {
  #asking: Promise<void> | undefined;

  constructor(
    private readonly runtime: Pick<Runtime, 'after' | 'defer'>,
    private readonly links: LinkTable,
    private readonly log: Pick<Log, 'error'>,
  ) {}

  /** Resolves when an exchange with every live peer is over, or after {@link askForMs}. */
  ask(): Promise<void> {
    return (this.#asking ??= new Promise((resolve) => {
      this.runtime.defer(() => {
        this.#asking = undefined;
        this.#exchanges().catch(logFailure(this.log, 'asking peers')).finally(resolve);
      });
    }));
  }

  async #exchanges(): Promise<void> {
    const links = this.links.members();
    if (links.length === 0) return;
    await within(this.runtime, askForMs, Promise.all(links.map((link) => link.exchanged())));
  }
}
