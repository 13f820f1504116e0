/** Requests to the daemons that hold entries, beside the exchange of documents. */

import type { DaemonUrl } from '../../../crdt/ids.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { DaemonSettings, Transport } from '../runtime.js';
import { checkFrame, type ForwardedRenewal, type Frame, type HeldLease } from './frame.js';
import { heartbeatEveryMs } from './timing.js';

export class HolderRequests {
  /** @param begin  makes the beginning of a request to the daemon at a URL; throws if none must be sent now */
  constructor(
    private readonly settings: DaemonSettings,
    private readonly transport: Pick<Transport, 'exchange'>,
    private readonly begin: (url: DaemonUrl) => Frame,
  ) {}

  /** Sends renewals to the daemon that holds the entries. Resolves with the indices of those that it does not hold. */
  async forward(url: DaemonUrl, renewals: ForwardedRenewal[]): Promise<readonly number[]> {
    const { refused } = await this.#ask(url, { renewals });
    return refused ?? renewals.map((_, index) => index);
  }

  /** Asks the daemon that holds the entries for their leases; undefined if it does not say. */
  async leases(url: DaemonUrl, leases: RegistrationId[]): Promise<readonly HeldLease[] | undefined> {
    return (await this.#ask(url, { leases })).held;
  }

  async #ask(url: DaemonUrl, request: Pick<Frame, 'renewals' | 'leases'>): Promise<Frame> {
    const { peerTimeoutMs, cluster } = this.settings;
    const frame = { ...this.begin(url), ...request };
    return checkFrame(await this.transport.exchange(url, frame, heartbeatEveryMs(peerTimeoutMs)), cluster);
  }
}
