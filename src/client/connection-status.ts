/** Which daemon a client talks to, and whether what that daemon says can be trusted, as changes. */

import type { Caveats } from '../model/events.js';
import { Broadcast, type Delivered } from './broadcast.js';
import { doubtsIn } from './caveats.js';

/** Each status says all of it: with `warming` or `stale` if the server marks its answers so. */
export interface ConnectionStatus extends Caveats {
  /**
   * `connecting`: no server has been asked yet. `connected`: one answers, for the first time or again. `moved`: another
   * one answers than before. `disconnected`: none answers, or an event stream was lost. `warming`, `stale`: the server
   * marks its answers so from now on, and absences must not be acted upon. `fresh`: it no longer does.
   */
  state: 'connecting' | 'connected' | 'moved' | 'disconnected' | 'warming' | 'stale' | 'fresh';
  /** The server that this is about. */
  server: string;
  /** Why: what went wrong, or what the mark means. */
  reason?: string;
  /** For `moved`: the server that answered before. */
  previous?: string;
}

/** Knows the present status, and tells of its changes. A change to what it is already is none. */
export class StatusBoard {
  readonly #changes: Broadcast<ConnectionStatus>;
  #link: 'connecting' | 'connected' | 'disconnected' = 'connecting';
  /** The server that answered last. */
  #server: string | undefined;
  /** The servers that mark their answers. */
  readonly #marks = new Map<string, Caveats>();

  /** @param server  the one that is asked first */
  constructor(server: string) {
    this.#changes = new Broadcast<ConnectionStatus>({ state: 'connecting', server });
  }

  /** `server` has answered; `reason`: why the one before did not. */
  answered(server: string, reason?: string): void {
    const previous = this.#server ?? server;
    const before = this.#link;
    this.#link = 'connected';
    this.#server = server;
    if (previous !== server) this.#tell('moved', server, { previous, ...(reason !== undefined && { reason }) });
    else if (before !== 'connected') this.#tell('connected', server);
  }

  /** No server answers, or a stream of `server` was lost. */
  lost(server: string, reason: string): void {
    if (this.#link === 'disconnected') return;
    this.#link = 'disconnected';
    this.#tell('disconnected', server, { reason });
  }

  /** `server` has sent an answer or an event with these marks. */
  marked(server: string, { warming, stale }: Caveats): void {
    const { warming: wasWarming, stale: wasStale } = this.#marks.get(server) ?? {};
    if (warming === wasWarming && stale === wasStale) return;
    const caveats = { ...(warming && { warming }), ...(stale && { stale }) };
    this.#marks.set(server, caveats);
    const reason = doubtsIn(caveats);
    this.#tell(warming ? 'warming' : stale ? 'stale' : 'fresh', server, { ...(reason !== undefined && { reason }) });
  }

  /** The present status and all that follow. */
  values(signal?: AbortSignal): AsyncIterableIterator<Delivered<ConnectionStatus>> {
    return this.#changes.values(signal);
  }

  #tell(
    state: ConnectionStatus['state'],
    server: string,
    more: Pick<ConnectionStatus, 'reason' | 'previous'> = {},
  ): void {
    this.#changes.send({ state, server, ...more, ...this.#marks.get(server) });
  }
}
