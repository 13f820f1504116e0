/** A command of the user's that is run for each event, one at a time and in order. */

import type { SeenEvent } from '../client/index.js';
import { runInShell } from './shell.js';

/** Events that may wait for the command; more stop the reading, and the daemon keeps what comes. */
const mostWaiting = 1000;

export class Hook {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #stopped = false;
  /** Events that were waiting when it was stopped. */
  leftOut = 0;

  /**
   * @param command  for the shell; the event is in its environment, and as JSON on its stdin
   * @param output  the file descriptor that its stdout goes to
   * @param onFailure  told in what way a run of it has failed; the next one is made all the same
   */
  constructor(
    private readonly command: string,
    private readonly output: 1 | 2,
    private readonly onFailure: (how: string) => void,
  ) {}

  /** Has the command run for `event` when its turn comes. Settles when more events may be given. */
  async run(event: SeenEvent): Promise<void> {
    this.#waiting++;
    this.#last = this.#last.then(async () => {
      if (this.#stopped) {
        this.leftOut++;
        return;
      }
      const how = await runInShell(this.command, {
        env: environmentOf(event),
        input: `${JSON.stringify(event)}\n`,
        output: this.output,
      });
      this.#waiting--;
      if (how !== undefined) this.onFailure(how);
    });
    if (this.#waiting >= mostWaiting) await this.#last;
  }

  /** The run that is under way is the last one. */
  stop(): void {
    this.#stopped = true;
  }

  /** Settles when the command has run for everything so far. */
  async finished(): Promise<void> {
    await this.#last;
  }
}

/** The event as variables; those that an event has no use for are unset. */
export function environmentOf(event: SeenEvent): Record<string, string | undefined> {
  const about = {
    ...('registration' in event && event.registration),
    ...('backend' in event && event.backend),
    ...('frontend' in event && event.frontend),
    ...('daemon' in event && { name: event.daemon.name, url: event.daemon.url }),
    ...('reason' in event && { reason: event.reason }),
  } as Record<string, string | number | undefined>;
  const fields = ['app', 'version', 'host', 'port', 'id', 'reason', 'name', 'backend', 'url'];
  return {
    BENDER_EVENT: event.type,
    ...Object.fromEntries(fields.map((field) => [`BENDER_${field.toUpperCase()}`, about[field]?.toString()])),
  };
}
