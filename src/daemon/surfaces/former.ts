/** What a client registers takes the place of what had its name before, wherever that was. */

import { NotFoundError } from '../../model/errors.js';
import type { Address, Registration } from '../../model/registration.js';
import type { Registry } from '../core/registry.js';

/** Ends the `former` registrations but those at the place of the new one, which it has ended or renewed by itself. */
export async function endFormer(
  registry: Pick<Registry, 'deregister'>,
  former: readonly Registration[],
  { app, host, port }: Address,
): Promise<void> {
  for (const one of former) {
    if (one.app === app && one.host === host && one.port === port) continue;
    try {
      await registry.deregister(one.id, one.instance);
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
}
