/** Whether other machines may do everything, and that this takes a decision. */

import { InvalidError } from '../model/errors.js';
import { isLoopback } from '../model/loopback.js';
import type { Settings } from './settings.js';

type Exposing = Pick<Settings, 'host' | 'tokens'> & Partial<Pick<Settings, 'tls-client-auth'>>;

/**
 * Whether every program that reaches this daemon, from whatever machine, may read and change everything. TLS alone
 * changes nothing about that; a certificate that every client must show does.
 */
export const isExposed = ({ host, tokens, 'tls-client-auth': clientAuth }: Exposing): boolean =>
  tokens === undefined && clientAuth !== 'require' && !isLoopback(host);

/** Throws InvalidError for a daemon that would be exposed and was not told to be. */
export function requireProtection(settings: Exposing & Pick<Settings, 'insecure'>): void {
  if (!isExposed(settings) || settings.insecure) return;
  throw new InvalidError(
    `every program that reaches ${settings.host} could read and change everything: ask for tokens (bender token create --tokens FILE --role admin, then --tokens FILE), or for certificates (--tls-client-auth require), listen on 127.0.0.1, or allow it with --insecure`,
  );
}
