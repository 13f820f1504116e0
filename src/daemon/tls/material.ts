/** What is in the files of TLS, checked before anything uses it. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isForServers, nameIn } from '../../model/certificate.js';
import { InvalidError } from '../../model/errors.js';

/** PEM, and what it says. */
export interface Material {
  cert: string;
  key: string;
  ca: string | undefined;
  /** The certificates in `ca`. */
  authorities: readonly X509Certificate[];
  /** Where they come from. */
  paths: MaterialPaths;
  /** The name in the certificate; undefined if it has none. */
  name: string | undefined;
  /** Whether the certificate may be a daemon's. */
  isOfDaemon: boolean;
  /** When the first of the certificates here expires, in Unix ms. */
  expires: number;
}

/** Where each part comes from, for errors. */
export interface MaterialPaths {
  cert: string;
  key: string;
  ca: string | undefined;
}

/** @throws InvalidError, which names the file and shows nothing of it */
export function parseMaterial([cert, key, ca]: readonly string[], paths: MaterialPaths): Material {
  const own = certificatesIn(cert!, paths.cert);
  const authorities = ca === undefined ? [] : certificatesIn(ca, paths.ca!);
  const [leaf] = own;
  if (!leaf!.checkPrivateKey(privateKeyIn(key!, paths.key)))
    throw new InvalidError(`the key in ${paths.key} is not that of the certificate in ${paths.cert}`);
  return {
    cert: cert!,
    key: key!,
    ca,
    authorities,
    paths,
    name: nameIn(leaf!),
    isOfDaemon: isForServers(leaf!),
    expires: Math.min(...[...own, ...authorities].map(expiryOf)),
  };
}

/** Until when it is valid, in Unix ms. */
const expiryOf = ({ validTo }: X509Certificate): number => Date.parse(validTo);

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates in a text of PEM. Throws InvalidError, which names the file. */
export function certificatesIn(text: string, path: string): X509Certificate[] {
  const blocks = text.match(block) ?? [];
  if (blocks.length === 0) throw new InvalidError(`there is no certificate (PEM) in ${path}`);
  return blocks.map((pem) => {
    try {
      return new X509Certificate(pem);
    } catch (error) {
      throw new InvalidError(`a certificate in ${path} cannot be read`, { cause: error });
    }
  });
}

function privateKeyIn(text: string, path: string) {
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw new InvalidError(`there is no private key (PEM, without a passphrase) in ${path}`, { cause: error });
  }
}
