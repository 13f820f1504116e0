/** What `register` is told beside the address. */

import { Flags } from './oclif.js';
import { InvalidError } from '../model/errors.js';
import type { Meta, RegistrationOptions } from '../model/registration.js';
import { duration } from './flags.js';

export const registrationFlags = {
  ttl: duration({
    description: 'How long it stays online without a renewal. [default: as the daemon has it, 4s]',
  }),
  meta: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'KEY=VALUE',
    description: 'Something that consumers may want to know; repeat it for more. Values are strings.',
  }),
};

/** What is not given is left out, and stays as it is where the registration exists. */
export function registrationOptions(flags: {
  ttl?: number | undefined;
  meta?: string[] | undefined;
}): RegistrationOptions {
  return {
    ...(flags.ttl !== undefined && { ttl: flags.ttl }),
    ...(flags.meta && { meta: parseMeta(flags.meta) }),
  };
}

/** Which instances a command is about, by their metadata. */
export const metaFilterFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'KEY=VALUE',
  description:
    'Only instances with this in their metadata; repeat it for more conditions. Dots lead into objects.',
});

/** What all must hold. Throws InvalidError for two conditions on one key, which nothing fulfils. */
export function metaFilter(pairs: string[] | undefined): Record<string, string> | undefined {
  if (!pairs) return undefined;
  const conditions = pairs.map(parsePair);
  if (new Set(conditions.map(([key]) => key)).size < conditions.length)
    throw new InvalidError('--meta must name each key once');
  return Object.fromEntries(conditions);
}

const parseMeta = (pairs: string[]): Meta => Object.fromEntries(pairs.map(parsePair));

function parsePair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new InvalidError(`--meta must be KEY=VALUE, not '${pair}'`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
