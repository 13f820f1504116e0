/** Drain rules over the HTTP API: see {@link Client.drainRules}. */

import { noRoute } from '../model/daemon.js';
import type { DrainRule, DrainRuleChange, DrainRuleFields, SignedDrainRule } from '../model/drain-rule.js';
import { UnreachableError } from '../model/errors.js';
import type { WithConflicts } from '../model/history.js';
import type { Calls } from './calls.js';
import type { CallOptions, RollbackOptions, SwitchOptions } from './options.js';
import { path, queryOf } from './paths.js';

/**
 * Each drains every instance of an app, or of some of its versions, including those that come later, until it is
 * deleted. All live daemons know of a write once it has returned.
 *
 *     await client.drainRules.create({ name: 'bad-build', app: 'web', version: '1.0.0', reason: 'leaks memory' });
 */
export class DrainRulesApi {
  constructor(private readonly calls: Calls) {}

  /** Each with the author and the time of its last edit. None at a daemon that is older than drain rules. */
  async list(options?: CallOptions): Promise<SignedDrainRule[]> {
    return this.calls.read<SignedDrainRule[]>('GET', '/drain-rules', options).catch((error: unknown) => {
      if (error instanceof UnreachableError && error.message.includes(`${noRoute}/drain-rules`)) return [];
      throw error;
    });
  }

  async get(name: string, options?: CallOptions): Promise<WithConflicts<SignedDrainRule>> {
    return this.calls.read('GET', path('drain-rules', name), options);
  }

  /**
   * Throws ConflictError if the name is in use; TooFewOnlineError if it would leave fewer than `atLeast` (default 1)
   * instances for a backend that a frontend serves.
   */
  async create(fields: DrainRuleFields, { atLeast, ...options }: SwitchOptions = {}): Promise<DrainRule> {
    const query = queryOf({ 'at-least': atLeast });
    return this.calls.write('POST', `/drain-rules${query}`, { body: fields, ...options });
  }

  /** Changes the given fields; null removes one, the others stay. Throws TooFewOnlineError like {@link create}. */
  async update(name: string, change: DrainRuleChange, { atLeast, ...options }: SwitchOptions = {}): Promise<DrainRule> {
    const query = queryOf({ 'at-least': atLeast });
    return this.calls.write('PUT', path('drain-rules', name) + query, { body: change, ...options });
  }

  /** The instances that only this rule drains take part again. Those that an operator has drained do not. */
  async delete(name: string, options?: CallOptions): Promise<void> {
    await this.calls.remove(path('drain-rules', name), options);
  }

  /** Restores it as it was before its last edit, or after an earlier one, even if it was deleted. */
  async rollback(name: string, { atLeast, of, to, ...options }: RollbackOptions = {}): Promise<DrainRule> {
    const query = queryOf({ 'at-least': atLeast, of, to });
    return this.calls.write('POST', path('drain-rules', name, 'rollback') + query, options);
  }
}
