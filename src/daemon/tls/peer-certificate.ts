/** Which daemon the other side of a connection is, by the certificate that it has shown. */

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { isForServers, nameIn } from '../../model/certificate.js';
import { CertificateError } from '../../model/errors.js';

/**
 * The name in the certificate that the daemon at the other side has shown. Throws {@link CertificateError} if it has
 * shown none, one that does not verify, or one that is not for daemons.
 */
export function certifiedName(socket: Socket): string {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (!certificate)
    throw new CertificateError(
      'CERTIFICATE_MISSING',
      'daemons of this cluster show a certificate of its CA (--tls-cert, --tls-key, --tls-ca)',
    );
  const { authorized, authorizationError } = socket as TLSSocket;
  if (!authorized || authorizationError)
    throw new CertificateError(
      'CERTIFICATE_INVALID',
      `your certificate is not one of this cluster's CA, or no longer valid (${String(authorizationError)})`,
    );
  const name = nameIn(certificate);
  if (name === undefined || !isForServers(certificate))
    throw new CertificateError('CERTIFICATE_NAME', 'your certificate is not one for a daemon, with its name as the CN');
  return name;
}

/** Throws {@link CertificateError} unless a frame comes from the daemon that the certificate names. */
export function requireName(certified: string, frame: unknown): void {
  const name = (frame as { from?: { name?: unknown } } | null)?.from?.name;
  // What is no frame at all is refused where it is read.
  if (name === undefined || name === certified) return;
  throw new CertificateError(
    'CERTIFICATE_NAME',
    `the certificate is for the daemon '${certified}', and not for '${typeof name === 'string' ? name : '?'}'`,
  );
}
