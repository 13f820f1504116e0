/** Refuses to expose a daemon to other machines without a decision to do so. */

import { InvalidError } from '../model/errors.js';
import { isLoopback } from '../model/loopback.js';
import type { Settings } from './settings.js';

type Exposing = Pick<Settings, 'host' | 'tokens'> &
  Partial<Pick<Settings, 'tls-client-auth' | 'tls-ca' | 'peer-listen'>>;

/**
 * Whether every program that reaches this daemon, from whatever machine, may read and change everything. TLS alone
 * changes nothing about that; a certificate that every client must show does.
 */
export const isExposed = (settings: Exposing): boolean => isOpenToClients(settings) || isOpenToPeers(settings);

const isOpenToClients = ({ host, tokens, 'tls-client-auth': clientAuth }: Exposing): boolean =>
  tokens === undefined && clientAuth !== 'require' && !isLoopback(host);

/** Whether every program that reaches the port of peers may join as a daemon. */
const isOpenToPeers = ({ tokens, 'tls-ca': ca, 'peer-listen': at }: Exposing): boolean =>
  tokens === undefined && ca === undefined && at !== undefined && !isLoopback(at.host);

/** Throws InvalidError for a daemon that would be exposed without --insecure. */
export function requireProtection(settings: Exposing & Pick<Settings, 'insecure'>): void {
  if (!isExposed(settings) || settings.insecure) return;
  throw new InvalidError(
    `every program that reaches ${exposedHost(settings)} could read and change everything: ask for tokens (bender token create --tokens FILE --role admin, then --tokens FILE), or for certificates (--tls-client-auth require), listen on 127.0.0.1, or allow it with --insecure`,
  );
}

const exposedHost = (settings: Exposing): string =>
  isOpenToClients(settings) ? settings.host : settings['peer-listen']!.host;

/** Throws InvalidError if it is said where peers reach a port that there is not. */
export function requirePeerPort(settings: Pick<Settings, 'peer-listen' | 'peer-advertise'>): void {
  if (settings['peer-advertise'] !== undefined && settings['peer-listen'] === undefined)
    throw new InvalidError('--peer-advertise needs --peer-listen: without it, peers use the URL of --advertise');
}
