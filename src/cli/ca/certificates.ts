/** Makes certificates: that of a CA, and those that it issues. Keys are ECDSA P-256, which every TLS library knows. */

import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { isAddress } from '../../model/host.js';

/** PEM. */
export interface Issued {
  certificate: string;
  key: string;
  /** Unix ms. */
  expires: number;
}

export interface IssueOptions {
  /** The name of its owner, which a daemon has to use. */
  name: string;
  /** Names and addresses at which a daemon is called; undefined: it is a caller's certificate. */
  hosts: readonly string[] | undefined;
  days: number;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 24 * 60 * 60 * 1000;

/** ms by which clocks of other machines may be behind. */
const clockSlackMs = 60 * 60 * 1000;

/** A CA of its own: it may issue certificates, and no other CA. */
export async function makeAuthority(days: number, now = Date.now()): Promise<Issued> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // It distinguishes a CA from its successor in the same cluster.
    name: [{ CN: [`bender CA ${randomBytes(4).toString('hex')}`] }],
    ...lifetime(now, days),
    serialNumber: serial(),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return written(certificate, keys);
}

/** Issues a certificate with a new key. Throws for a CA that cannot be read. */
export async function issue(
  authority: Pick<Issued, 'certificate' | 'key'>,
  { name, hosts, days }: IssueOptions,
  now = Date.now(),
): Promise<Issued> {
  const ca = new x509.X509Certificate(authority.certificate);
  const signingKey = await importKey(authority.key);
  const keys = await makeKeys();
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: ca.subject,
    ...lifetime(now, days, ca.notAfter.getTime()),
    serialNumber: serial(),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(hosts ? [serverAuth, clientAuth] : [clientAuth]),
      ...(hosts
        ? [
            new x509.SubjectAlternativeNameExtension(
              hosts.map((host) => ({ type: isAddress(host) ? ('ip' as const) : ('dns' as const), value: host })),
            ),
          ]
        : []),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return written(certificate, keys);
}

const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const importKey = (pem: string) =>
  webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), algorithm, false, ['sign']);

async function written(certificate: x509.X509Certificate, { privateKey }: webcrypto.CryptoKeyPair): Promise<Issued> {
  const key = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n`,
    expires: certificate.notAfter.getTime(),
  };
}

/** No certificate outlives that of its CA. */
const lifetime = (now: number, days: number, latest = Infinity) => ({
  notBefore: new Date(now - clockSlackMs),
  notAfter: new Date(Math.min(now + days * dayMs, latest)),
});

/** Positive, and no two alike. */
const serial = (): string => `01${randomBytes(15).toString('hex')}`;
