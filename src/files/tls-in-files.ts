/** Certificates and a key that are kept in files, so that they can be replaced while a process runs. */

import { readFileSync } from 'node:fs';
import { InvalidError } from '../model/errors.js';
import type { TlsCredentials } from '../model/tls-credentials.js';

/** ms for which the files are not read again. */
const keptFor = 1000;

/**
 * Returns a function that reads the files. It returns the same object while they are unchanged, and the last content
 * while they cannot be read. New content counts once it was read twice. Throws InvalidError if a file cannot be read at
 * first.
 *
 *     tlsInFiles({ ca: '/etc/bender/ca.pem' })().ca // '-----BEGIN CERTIFICATE-----…'
 */
export function tlsInFiles(paths: TlsCredentials, now: () => number = () => performance.now()): () => TlsCredentials {
  if ((paths.cert === undefined) !== (paths.key === undefined))
    throw new InvalidError('a client certificate needs both --tls-cert and --tls-key');
  let credentials = read(paths);
  let before = credentials;
  let readAt = now();
  return () => {
    if (now() - readAt < keptFor) return credentials;
    readAt = now();
    try {
      const found = read(paths);
      // What is there only once may be a new key beside the certificate that is still to be replaced.
      if (isSame(found, before) && !isSame(found, credentials)) credentials = found;
      before = found;
    } catch {
      // The files are being replaced. If the former content is no longer valid, the daemon refuses it.
    }
    return credentials;
  };
}

const isSame = (one: TlsCredentials, other: TlsCredentials): boolean =>
  one.ca === other.ca && one.cert === other.cert && one.key === other.key;

const read = ({ ca, cert, key }: TlsCredentials): TlsCredentials => ({
  ca: pemIn(ca),
  cert: pemIn(cert),
  key: pemIn(key),
});

function pemIn(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InvalidError(`the TLS file ${path} cannot be read: ${code ?? message}`, { cause: error });
  }
  if (!text.includes('-----BEGIN '))
    throw new InvalidError(`the TLS file ${path} must have certificates or a key in PEM`);
  return text;
}
