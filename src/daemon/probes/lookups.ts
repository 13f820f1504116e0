/** Looks up the names of probed instances, a few at a time: the look-ups of Node share four threads with all files. */

import { lookup, type LookupAddress } from 'node:dns';

/** Look-ups under way at once. */
const atOnce = 2;

/** Calls back with all addresses of a name. */
export type Resolve = (
  name: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** As the system does it, with /etc/hosts. */
const bySystem: Resolve = (name, done) => lookup(name, { all: true }, done);

export class Lookups {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly resolve: Resolve = bySystem) {}

  readonly addressesOf: Resolve = (name, done) => {
    const run = (): void => {
      this.#running++;
      this.resolve(name, (error, addresses) => {
        this.#running--;
        this.#waiting.shift()?.();
        done(error, addresses);
      });
    };
    if (this.#running < atOnce) run();
    else this.#waiting.push(run);
  };
}
