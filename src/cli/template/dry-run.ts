/** What would be rendered, on stdout. */

import { printableJson } from '../../model/printable.js';
import { notice } from '../notice.js';
import { Destination, type DestinationOptions } from './destination.js';
import type { Lasting } from './known.js';

/** Stands in for the file: knows what that was rendered from, prints what would be written, and leaves it as it is. */
class Printed {
  readonly #file: Destination;

  constructor(
    private readonly options: DestinationOptions,
    private readonly json: boolean,
  ) {
    this.#file = new Destination(options);
  }

  get known(): Lasting | undefined {
    return this.#file.known;
  }

  async recall(): Promise<void> {
    if (this.options.dest !== '') await this.#file.recall();
  }

  async put(content: string): Promise<boolean> {
    const { dest } = this.options;
    if (dest !== '' && !this.json) notice(`${dest} would be:`);
    process.stdout.write(this.json ? `${printableJson({ type: 'dry-run', dest, content })}\n` : content);
    return Promise.resolve(false);
  }
}

/** Makes such a destination for each template. With `json`, it prints one object a line. */
export const dryRun =
  (json: boolean) =>
  (options: DestinationOptions): Printed =>
    new Printed(options, json);
