/** The calls about backends and frontends: what deployments change. */

import type {
  Backend,
  BackendChange,
  BackendFields,
  Frontend,
  FrontendChange,
  FrontendFields,
} from '../model/catalog.js';
import type { Edit, WithConflicts } from '../model/history.js';
import type { Calls } from './calls.js';
import type { CallOptions, EditQuery, RollbackOptions, SwitchOptions } from './options.js';
import { path, queryOf } from './paths.js';

/** The part of {@link Client} that is about the catalog. */
export class CatalogCalls {
  readonly #calls: Calls;

  protected constructor(calls: Calls) {
    this.#calls = calls;
  }

  async backends(options?: CallOptions): Promise<Backend[]> {
    return this.#calls.read('GET', '/backends', options);
  }

  async backend(name: string, options?: CallOptions): Promise<WithConflicts<Backend>> {
    return this.#calls.read('GET', path('backends', name), options);
  }

  /** Throws ConflictError if the name is in use. */
  async createBackend(fields: BackendFields, options?: CallOptions): Promise<Backend> {
    return this.#calls.write('POST', '/backends', { body: fields, ...options });
  }

  /**
   * Changes the given fields; the others stay. Throws TooFewOnlineError if it would point at too few registrations.
   *
   *     await client.updateBackend('web', { split: { '1.2.0': 90, '1.3.0': 10 } }, { atLeast: 2 });
   */
  async updateBackend(
    name: string,
    change: BackendChange,
    { atLeast, ...options }: SwitchOptions = {},
  ): Promise<Backend> {
    const query = queryOf({ 'at-least': atLeast });
    return this.#calls.write('PUT', path('backends', name) + query, { body: change, ...options });
  }

  /**
   * Restores a backend as it was before its last edit, or after an earlier one, even if it was removed. Draining
   * instances stay drained, including those that `bender deploy --drain` has drained: see {@link setState}. Throws like
   * {@link updateBackend}; NotFoundError if there is no earlier state, ConflictError if there were several edits at
   * once, or `of` is not the last edit.
   */
  async rollbackBackend(name: string, options: RollbackOptions = {}): Promise<Backend> {
    return this.#rollback('backends', name, options);
  }

  /** Throws TooFewOnlineError if frontends serve it, unless `atLeast` is 0. */
  async deleteBackend(name: string, { atLeast, ...options }: SwitchOptions = {}): Promise<void> {
    await this.#calls.remove(path('backends', name) + queryOf({ 'at-least': atLeast }), options);
  }

  async frontends(options?: CallOptions): Promise<Frontend[]> {
    return this.#calls.read('GET', '/frontends', options);
  }

  async frontend(name: string, options?: CallOptions): Promise<WithConflicts<Frontend>> {
    return this.#calls.read('GET', path('frontends', name), options);
  }

  /**
   * Throws ConflictError if the name is in use. With `atLeast` above 0, throws TooFewOnlineError if its backend does
   * not exist.
   */
  async createFrontend(fields: FrontendFields, { atLeast, ...options }: SwitchOptions = {}): Promise<Frontend> {
    return this.#calls.write('POST', `/frontends${queryOf({ 'at-least': atLeast })}`, {
      body: fields,
      ...options,
    });
  }

  /** Changes the given fields; the others stay. Throws TooFewOnlineError like {@link updateBackend}. */
  async updateFrontend(
    name: string,
    change: FrontendChange,
    { atLeast, ...options }: SwitchOptions = {},
  ): Promise<Frontend> {
    const query = queryOf({ 'at-least': atLeast });
    return this.#calls.write('PUT', path('frontends', name) + query, { body: change, ...options });
  }

  /** The same as {@link rollbackBackend}, for a frontend. */
  async rollbackFrontend(name: string, options: RollbackOptions = {}): Promise<Frontend> {
    return this.#rollback('frontends', name, options);
  }

  async deleteFrontend(name: string, options?: CallOptions): Promise<void> {
    await this.#calls.remove(path('frontends', name), options);
  }

  /** The edits of backends, frontends and drain rules. */
  async history({ backend, frontend, drainRule, limit }: EditQuery = {}, options?: CallOptions): Promise<Edit[]> {
    const query = queryOf({ backend, frontend, 'drain-rule': drainRule, limit });
    return this.#calls.read('GET', `/history${query}`, options);
  }

  async #rollback<T>(
    kind: 'backends' | 'frontends',
    name: string,
    { atLeast, of, to, ...options }: RollbackOptions,
  ): Promise<T> {
    const query = queryOf({ 'at-least': atLeast, of, to });
    return this.#calls.write('POST', path(kind, name, 'rollback') + query, options);
  }
}
