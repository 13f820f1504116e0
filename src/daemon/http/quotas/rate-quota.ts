/**
 * How many requests and changes of the catalog there may be per second, of one token and of all callers. Beyond it they
 * are refused with 429, renewals last: these may use what the next seconds bring, and then the others have to wait.
 */

import { TooManyRequestsError } from '../../../model/errors.js';
import type { Caller } from '../auth/caller.js';
import type { LoadCounters } from '../load-counters.js';
import type { LoadLimits } from '../load-limits.js';
import { Rates } from './rates.js';

/** The caller, as far as it is needed here. */
type Asker = Pick<Caller, 'name' | 'rates'> | undefined;

export class RateQuota {
  readonly #all: Rates;

  constructor(
    limits: Pick<LoadLimits, 'requests' | 'catalogWrites'>,
    private readonly counters: Pick<LoadCounters, 'count'>,
  ) {
    this.#all = new Rates(limits);
  }

  /** Lets a request in, or throws {@link TooManyRequestsError}. Asked before every request: most have no bound. */
  admitRequest(caller: Asker, isUrgent: boolean, from: { remoteAddress?: string | undefined }): void {
    const ownWaitS = caller?.rates?.takeRequest(isUrgent) ?? 0;
    if (ownWaitS > 0) this.#refuse(ownWaitS, 'requestsOfToken', from.remoteAddress, caller);
    const waitS = this.#all.takeRequest(isUrgent);
    if (waitS > 0) this.#refuse(waitS, 'requests', from.remoteAddress, caller);
  }

  /** The same for a change of the catalog. */
  admitCatalogWrite({ caller, address }: { caller: Asker; address: string }): void {
    const ownWaitS = caller?.rates?.takeCatalogWrite() ?? 0;
    if (ownWaitS > 0) this.#refuse(ownWaitS, 'catalogWritesOfToken', address, caller);
    const waitS = this.#all.takeCatalogWrite();
    if (waitS > 0) this.#refuse(waitS, 'catalogWrites', address, caller);
  }

  #refuse(waitS: number, kind: keyof typeof texts, address: string | undefined, caller: Asker): never {
    this.counters.count(kind, address, caller?.name);
    throw new TooManyRequestsError(texts[kind](caller?.name ?? ''), waitS);
  }
}

const texts = {
  requests: () => 'too many requests in too short a time',
  requestsOfToken: (name: string) => `too many requests in too short a time for the token '${name}'`,
  catalogWrites: () => 'too many changes of backends and frontends in too short a time',
  catalogWritesOfToken: (name: string) =>
    `too many changes of backends and frontends in too short a time for the token '${name}'`,
} as const;
