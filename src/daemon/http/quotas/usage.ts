/**
 * What callers have registered at this daemon and has not ended: how many registrations each token has, and how many
 * bytes of metadata these have. It is filled by registrations, and emptied when the registry says that one is gone.
 */

import type { RegistrationId } from '../../../model/registration.js';

/** Of one token, or of all callers. */
export interface Used {
  registrations: number;
  metaBytes: number;
}

interface Entry {
  /** Id of the token that registered it last; undefined without one. */
  token: string | undefined;
  metaBytes: number;
}

const nothing: Readonly<Used> = { registrations: 0, metaBytes: 0 };

export class Usage {
  readonly #entries = new Map<RegistrationId, Entry>();
  readonly #byToken = new Map<string, Used>();
  #metaBytes = 0;

  /** Of all callers. */
  get metaBytes(): number {
    return this.#metaBytes;
  }

  of(token: string): Readonly<Used> {
    return this.#byToken.get(token) ?? nothing;
  }

  /** Of one registration; 0 if it was not made here. */
  metaBytesOf(id: RegistrationId): number {
    return this.#entries.get(id)?.metaBytes ?? 0;
  }

  /** Whether this token has registered it last. */
  isOf(token: string, id: RegistrationId): boolean {
    return this.#entries.get(id)?.token === token;
  }

  set(id: RegistrationId, token: string | undefined, metaBytes: number): void {
    this.delete(id);
    // A registration that counts towards no quota takes no memory.
    if (token === undefined && metaBytes === 0) return;
    this.#entries.set(id, { token, metaBytes });
    this.#add(token, 1, metaBytes);
  }

  delete(id: RegistrationId): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.#add(entry.token, -1, -entry.metaBytes);
  }

  #add(token: string | undefined, registrations: number, metaBytes: number): void {
    this.#metaBytes += metaBytes;
    if (token === undefined) return;
    const before = this.of(token);
    const used = {
      registrations: before.registrations + registrations,
      metaBytes: before.metaBytes + metaBytes,
    };
    if (used.registrations === 0) this.#byToken.delete(token);
    else this.#byToken.set(token, used);
  }
}
