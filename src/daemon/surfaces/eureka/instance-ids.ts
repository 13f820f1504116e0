/** Finds registrations by the ids that Eureka's clients use. */

import type { Registration } from '../../../model/registration.js';
import { NameIndex, type NameSource } from '../name-index.js';
import { instanceIdOf, upperCase } from './instance.js';

export class InstanceIds {
  readonly #index: NameIndex;

  constructor(registry: NameSource) {
    this.#index = new NameIndex(registry, namesOf);
  }

  get ready(): Promise<void> {
    return this.#index.ready;
  }

  /**
   * Those with this id, the newest first: an instance that registers again at another address takes the place of the
   * one that had its id.
   *
   * @param app  in any case; undefined: any app
   */
  find(instanceId: string, app?: string): Registration[] {
    return this.#index.find(nameOf(instanceId, app)).sort((a, b) => b.registered - a.registered);
  }
}

/** No name of an app has a slash. */
const nameOf = (instanceId: string, app?: string): string =>
  app === undefined ? `/${instanceId}` : `${upperCase(app)}/${instanceId}`;

function namesOf(registration: Registration): readonly string[] {
  const instanceId = instanceIdOf(registration);
  return [nameOf(instanceId), nameOf(instanceId, registration.app)];
}
