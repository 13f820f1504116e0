/** Which checks a registration may have, and the TTL that goes with them. */

import type { Entry } from '../../../crdt/entry.js';
import { completeCheck, leastTtl } from '../../../model/check.js';
import { InvalidError } from '../../../model/errors.js';
import type { Address, RegistrationOptions } from '../../../model/registration.js';
import { isOf } from '../lease/entry-change.js';
import type { Probes } from '../runtime.js';

/**
 * Returns the options with all of the check, and with a TTL that covers it if none is given. Throws
 * {@link InvalidError}.
 *
 * @param before  the entry that is registered already, perhaps of another instance
 */
export function admitCheck(
  address: Pick<Address, 'host' | 'port'>,
  options: RegistrationOptions,
  before: Entry | undefined,
  probes: Pick<Probes, 'refusal'> | undefined,
): RegistrationOptions {
  const known = before && isOf(before, options.instance) ? before : undefined;
  const check = options.check === undefined ? known?.check : options.check && completeCheck(options.check);
  // What its check has found ends with the check.
  if (options.check === null && known?.check) return { unhealthy: null, ...options };
  if (!check) return options;
  const least = leastTtl(check);
  if (options.ttl !== undefined && options.ttl < least)
    throw new InvalidError(`'ttl' must be at least ${least} ms, to cover the check, not ${options.ttl}`);
  if (options.check === undefined) return options;
  const refusal = probes ? probes.refusal(address) : 'this daemon does not probe';
  if (refusal !== undefined) throw new InvalidError(`'check' is refused: ${refusal}`);
  const isCovered = options.ttl !== undefined || (known !== undefined && known.ttl >= least);
  return { ...options, check, ...(!isCovered && { ttl: least }) };
}
