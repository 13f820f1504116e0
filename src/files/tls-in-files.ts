/** Certificates and a key that are kept in files, so that they can be replaced while a process runs. */

import { InvalidError } from '../model/errors.js';
import type { TlsCredentials } from '../model/tls-credentials.js';
import { readAgain, textOf } from './read-again.js';

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
  let before: TlsCredentials | undefined;
  return readAgain(
    () => read(paths),
    now,
    (found, last) => {
      // What is there only once may be a new key beside the certificate that is still to be replaced.
      const isSettled = before !== undefined && isSame(found, before);
      before = found;
      return isSettled && !isSame(found, last) ? found : last;
    },
  );
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
  const text = textOf(path, 'TLS file');
  if (!text.includes('-----BEGIN '))
    throw new InvalidError(`the TLS file ${path} must have certificates or a key in PEM`);
  return text;
}
