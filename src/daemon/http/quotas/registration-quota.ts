/**
 * How many registrations a daemon holds and a token has, and how much metadata. Beyond it a new registration, or more
 * metadata, is refused with 429. What is registered already is never refused: neither renewals, nor registering it
 * again, nor another version at its address.
 *
 * Each daemon counts by itself: for a token what was registered with it here and has not ended, for all callers what
 * the daemon holds.
 */

import { QuotaExceededError } from '../../../model/errors.js';
import type { Quotas } from '../../../model/quotas.js';
import type { Meta, RegisterAnswer, RegistrationId } from '../../../model/registration.js';
import type { Registry } from '../../core/registry.js';
import type { Caller } from '../auth/caller.js';
import type { LoadCounters, Refusal } from '../load-counters.js';
import { type LoadLimits, quotaRetryAfter } from '../load-limits.js';
import { Usage } from './usage.js';

/** The caller that registers. */
export interface Registrant {
  caller: Caller | undefined;
  /** Where it is. */
  address: string;
}

type Source = Pick<Registry, 'onGone' | 'held' | 'metaOf' | 'replacedBy'>;

export class RegistrationQuota {
  readonly #usage = new Usage();

  constructor(
    private readonly registry: Source,
    private readonly limits: Pick<LoadLimits, 'registrations' | 'metaBytes'>,
    private readonly counters: Pick<LoadCounters, 'count'>,
  ) {
    registry.onGone((id) => this.#usage.delete(id));
  }

  /**
   * Registers, and notes what that takes. Throws {@link QuotaExceededError} before anything is changed.
   *
   * @param meta  the metadata that comes with it; undefined: it stays as it is
   */
  register<T extends { registration: RegisterAnswer }>(
    by: Registrant,
    id: RegistrationId,
    meta: Meta | undefined,
    register: () => T,
  ): T {
    const bytes = bytesOf(meta);
    this.#admit(by, id, bytes);
    const answer = register();
    this.#usage.set(id, by.caller?.id, meta ? bytes : bytesOf(answer.registration.meta));
    return answer;
  }

  #admit(by: Registrant, id: RegistrationId, metaBytes: number): void {
    const usage = this.#usage;
    const { caller } = by;
    const quotas: Quotas = caller?.quotas ?? {};
    const refuse = (kind: Refusal, what: string): never => {
      this.counters.count(kind, by.address, caller?.name);
      throw new QuotaExceededError(what, quotaRetryAfter);
    };
    const used = caller && usage.of(caller.id);
    const hasMost = used !== undefined && used.registrations >= (quotas.maxRegistrations ?? Infinity);
    const isFull = this.registry.held >= this.limits.registrations;
    if (!hasMost && !isFull && metaBytes === 0) return;
    // What is renewed or replaced, here or elsewhere: this id, or another version at its address.
    const there = this.registry.replacedBy({ id, instance: '' });
    if (hasMost && !there)
      refuse(
        'registrationsOfToken',
        `the token '${caller!.name}' has ${used.registrations} registrations, and may have ${quotas.maxRegistrations}`,
      );
    if (isFull && !there)
      refuse(
        'registrations',
        `this daemon holds ${this.registry.held} registrations, and may hold ${this.limits.registrations}`,
      );
    if (metaBytes === 0) return;
    const isMore = (): boolean => metaBytes > bytesOf(there && this.registry.metaOf(there));
    const before = there ? usage.metaBytesOf(there) : 0;
    const own = used && used.metaBytes - (there && usage.isOf(caller.id, there) ? before : 0) + metaBytes;
    if (own !== undefined && own > (quotas.maxMetaBytes ?? Infinity) && isMore())
      refuse(
        'metaBytesOfToken',
        `the registrations of the token '${caller!.name}' would have ${own} bytes of metadata, and may have ${quotas.maxMetaBytes}`,
      );
    const all = usage.metaBytes - before + metaBytes;
    if (all > this.limits.metaBytes && isMore())
      refuse(
        'metaBytes',
        `the registrations of this daemon would have ${all} bytes of metadata, and may have ${this.limits.metaBytes}`,
      );
  }
}

/** As JSON; 0 without any. */
function bytesOf(meta: Meta | undefined): number {
  for (const _ in meta) return Buffer.byteLength(JSON.stringify(meta));
  return 0;
}
