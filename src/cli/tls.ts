/** The certificates that commands trust and show. */

import { tlsInFiles } from '../files/tls-in-files.js';
import type { TlsCredentials } from '../model/tls-credentials.js';
import type { Context } from './context/contexts.js';
import { Flags } from './oclif.js';

/** The files that the flags name. */
export interface TlsFlags {
  'tls-ca'?: string | undefined;
  'tls-cert'?: string | undefined;
  'tls-key'?: string | undefined;
}

const fileFlag = (description: string) => Flags.string({ helpGroup: 'GLOBAL', helpValue: 'FILE', description });

export const tlsFlags = {
  'tls-ca': fileFlag(
    "The certificates of the CA that the daemon's is of (PEM), for https:// URLs. [default: $BENDER_TLS_CA, else the CAs of Node]",
  ),
  'tls-cert': fileFlag('The certificate to show to the daemon (PEM). [default: $BENDER_TLS_CERT]'),
  'tls-key': fileFlag('The private key of that certificate (PEM). [default: $BENDER_TLS_KEY]'),
};

/** Reads the files of the flags, the variables or the context at each call; undefined if there are none. */
export function tlsFrom(
  flags: TlsFlags,
  context: Pick<Context, 'tlsCa' | 'tlsCert' | 'tlsKey'> = {},
  environment = process.env,
): (() => TlsCredentials) | undefined {
  const ca = flags['tls-ca'] ?? (environment.BENDER_TLS_CA || context.tlsCa);
  const cert = flags['tls-cert'] ?? (environment.BENDER_TLS_CERT || context.tlsCert);
  const key = flags['tls-key'] ?? (environment.BENDER_TLS_KEY || context.tlsKey);
  return (ca ?? cert ?? key) === undefined ? undefined : tlsInFiles({ ca, cert, key });
}
