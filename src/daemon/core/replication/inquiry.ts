/** Asks every peer what it knows. Callers that ask within one event-loop turn share an answer. */

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

  /** Has an exchange with every live peer; resolves when they are over, or after {@link askForMs}. */
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
