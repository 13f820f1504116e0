/** What the settings say of TLS, as one decision. */

import type { ClientAuth } from '../../model/daemon.js';
import { InvalidError } from '../../model/errors.js';
import type { Settings } from '../settings.js';

/** The files of TLS, and which clients show certificates. */
export interface TlsPlan {
  cert: string;
  key: string;
  /** With it, daemons show each other certificates. */
  ca: string | undefined;
  clientAuth: ClientAuth;
}

type TlsSettings = Pick<
  Settings,
  'tls-cert' | 'tls-key' | 'tls-ca' | 'tls-client-auth' | 'advertise' | 'peer' | 'peer-listen' | 'peer-advertise'
>;

/** Undefined: no TLS. Throws InvalidError for what does not go together. */
export function tlsPlan(settings: TlsSettings): TlsPlan | undefined {
  const { 'tls-cert': cert, 'tls-key': key, 'tls-ca': ca, 'tls-client-auth': given } = settings;
  if (cert === undefined || key === undefined) {
    if (cert !== undefined) refuse('--tls-cert needs --tls-key');
    for (const [flag, value] of Object.entries({ '--tls-key': key, '--tls-ca': ca, '--tls-client-auth': given }))
      if (value !== undefined && value !== 'none') refuse(`${flag} needs --tls-cert`);
    return undefined;
  }
  const ownPort = settings['peer-listen'] !== undefined;
  const clientAuth = given ?? (ca === undefined || ownPort ? 'none' : 'request');
  if (ca === undefined && clientAuth !== 'none') refuse(`--tls-client-auth ${clientAuth} needs --tls-ca`);
  if (ca !== undefined && clientAuth === 'none' && !ownPort)
    refuse('--tls-client-auth none goes with --tls-ca if --peer-listen names a port where daemons show certificates');
  const plain = [settings.advertise, settings['peer-advertise'], ...(ca === undefined ? [] : settings.peer)].find(
    (url) => url?.startsWith('http:'),
  );
  if (plain !== undefined) refuse(`with TLS, URLs of daemons begin with https://, not as ${plain} does`);
  return { cert, key, ca, clientAuth };
}

function refuse(why: string): never {
  throw new InvalidError(why);
}
