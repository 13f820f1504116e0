/** A command of the user's that is run for each event, one at a time and in order. */

import type { SeenEvent } from '../client/index.js';
import { runInShell } from './shell.js';

/** How many events may wait for the command. Beyond that, reading stops, and the daemon keeps the events. */
const mostWaiting = 1000;

export class Hook {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #stopped = false;
  /** Events that were waiting when it was stopped. */
  leftOut = 0;

  /**
   * @param command  for the shell; the event is in its environment, and as JSON on its stdin
   * @param output  the file descriptor for its stdout
   * @param onFailure  called with the failure of a run; the next run is made nevertheless
   */
  constructor(
    private readonly command: string,
    private readonly output: 1 | 2,
    private readonly onFailure: (how: string) => void,
  ) {}

  /** Runs the command for `event` when the runs before are over. Resolves when more events may be given. */
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

  /** Makes the present run the last one. */
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
