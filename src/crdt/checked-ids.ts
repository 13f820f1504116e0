/** The ids whose winning entry has a check, and which of them have changed: for the daemons that probe them. */

import type { RegistrationId } from '../model/registration.js';

export class CheckedIds {
  readonly #ids = new Set<RegistrationId>();
  #touched = new Set<RegistrationId>();

  /** All of them. */
  get all(): ReadonlySet<RegistrationId> {
    return this.#ids;
  }

  /** What is known of this id has changed. */
  see(id: RegistrationId, isChecked: boolean): void {
    if (isChecked) this.#ids.add(id);
    else if (!this.#ids.delete(id)) return;
    this.#touched.add(id);
  }

  /** The ids that have changed since the last call, or have a check no longer. */
  takeTouched(): ReadonlySet<RegistrationId> {
    if (this.#touched.size === 0) return this.#touched;
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }
}
