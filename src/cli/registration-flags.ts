/** The flags of `register` beside the address. */

import { Flags } from './oclif.js';
import { type HealthCheck, probeOf } from '../client/index.js';
import type { CheckOptions } from '../model/check.js';
import { UsageError } from './usage-error.js';
import type { Meta, RegistrationOptions } from '../model/registration.js';
import { duration } from './flags.js';

export const registrationFlags = {
  ttl: duration({
    description: "How long it stays online without a renewal. [default: the daemon's --ttl, 4s]",
  }),
  meta: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'KEY=VALUE',
    description: 'Metadata for consumers. Values are strings. May be repeated.',
  }),
  instance: Flags.string({
    helpValue: 'ID',
    description:
      'A name for this start of the service. Another name than before says that it has restarted. [default: a new one with --hold or CMD]',
  }),
};

/** Fields that are not given are left out, and keep their value if the registration exists. */
export function registrationOptions(flags: {
  ttl?: number | undefined;
  meta?: string[] | undefined;
  instance?: string | undefined;
}): RegistrationOptions {
  return {
    ...(flags.instance !== undefined && { instance: flags.instance }),
    ...(flags.ttl !== undefined && { ttl: flags.ttl }),
    ...(flags.meta && { meta: parseMeta(flags.meta) }),
  };
}

/** How a held instance is checked. */
export const checkFlags = {
  check: Flags.string({
    helpValue: 'CHECK',
    exclusive: ['no-check'],
    description:
      'Keep the instance online only while it passes: tcp, http://HOST:PORT/PATH, http:/PATH at its own address, or exec:CMD. Without CMD and --hold, the daemons probe it, by tcp or http:/PATH. [default: tcp with a CMD, else none]',
  }),
  'no-check': Flags.boolean({ description: 'Do not check CMD.' }),
  'check-interval': duration({
    default: 2000,
    defaultHelp: async () => '2s',
    description: 'How long it is from one check to the next.',
  }),
  'check-timeout': duration({
    default: 1000,
    defaultHelp: async () => '1s',
    description: 'How long one check may take.',
  }),
  'check-fails': Flags.integer({
    min: 1,
    default: 3,
    helpValue: 'N',
    description: 'Failures in a row after which it goes offline.',
  }),
  'check-passes': Flags.integer({
    min: 1,
    default: 1,
    helpValue: 'N',
    description: 'Passes in a row after which it is back online.',
  }),
};

/** The check of the flags, or `otherwise`; undefined for none. Throws UsageError for an invalid check. */
export function checkFrom(
  flags: {
    check?: string | undefined;
    'no-check': boolean;
    'check-interval': number;
    'check-timeout': number;
    'check-fails': number;
    'check-passes': number;
  },
  otherwise: string | undefined,
): HealthCheck | undefined {
  const check = flags.check ?? (flags['no-check'] ? undefined : otherwise);
  if (check === undefined) return undefined;
  probeOf(check, { host: 'localhost', port: 1 });
  return {
    check,
    intervalMs: flags['check-interval'],
    timeoutMs: flags['check-timeout'],
    fails: flags['check-fails'],
    passes: flags['check-passes'],
  };
}

/** The same for the daemons to probe. Throws UsageError if it needs a process that stays with the instance. */
export function probedCheck({ check, intervalMs, timeoutMs, fails, passes }: HealthCheck): CheckOptions {
  const [, kind, path] = /^(tcp|https?)(?::(\/(?!\/).*))?$/.exec(String(check)) ?? [];
  if (kind === undefined || (kind === 'tcp') !== (path === undefined))
    throw new UsageError(
      `without --hold and CMD the daemons probe the instance, at its own address only: --check must be tcp, http:/PATH or https:/PATH, not '${String(check)}'`,
    );
  return {
    ...(path === undefined ? { tcp: true } : { [kind]: path }),
    ...(intervalMs !== undefined && { interval: intervalMs }),
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    ...(fails !== undefined && { fails }),
    ...(passes !== undefined && { passes }),
  };
}

/** Which instances a command is about, by their metadata. */
export const metaFilterFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  helpValue: 'KEY=VALUE',
  description:
    'Only instances with this in their metadata. May be repeated for more conditions. Dots lead into objects.',
});

/** The conditions, which must all hold. Throws UsageError for two conditions on one key, which nothing can meet. */
export function metaFilter(pairs: string[] | undefined): Record<string, string> | undefined {
  if (!pairs) return undefined;
  const conditions = pairs.map(parsePair);
  if (new Set(conditions.map(([key]) => key)).size < conditions.length)
    throw new UsageError('--meta must name each key once');
  return Object.fromEntries(conditions);
}

const parseMeta = (pairs: string[]): Meta => Object.fromEntries(pairs.map(parsePair));

function parsePair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`--meta must be KEY=VALUE, not '${pair}'`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
