/**
 * Ties the name of a daemon to its run id, and so to all that it signs (docs/decisions/0021-signed-identities.md): the
 * key of its certificate signs both. Members hand that on with the holdings, so that each daemon can check it, also if
 * it has no connection to the one that it is about.
 *
 * A claim is one text: the certificates in base64, the daemon's own first, separated by commas; a dot; the signature.
 */

import { createPrivateKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import { longestClaim, type Owner } from '../../crdt/holdings.js';
import type { RunId } from '../../crdt/ids.js';
import { isForServers, nameIn } from '../../model/certificate.js';
import { InvalidError } from '../../model/errors.js';
import type { Log } from '../core/log.js';
import type { Names } from '../core/runtime.js';
import { certificatesIn, type Material } from './material.js';

/** Claims of others that are remembered. */
const claimsKept = 1000;

/** Certificates of one claim. */
const longestChain = 5;

export class Claims implements Names {
  #own: { material: Material; text: string; claim: string } | undefined;
  /** What was found of claims, for as long as the CA is the same. */
  #checked = new Map<string, string | undefined>();
  #ca: string | undefined;

  constructor(
    private readonly material: () => Material,
    private readonly log: Pick<Log, 'warn'>,
    private readonly wallNow: () => number = Date.now,
  ) {}

  claim(name: string, runId: RunId): string {
    const material = this.material();
    const text = claimText(name, runId);
    if (this.#own?.material !== material || this.#own.text !== text)
      this.#own = { material, text, claim: claimOf(material, text) };
    return this.#own.claim;
  }

  isProven({ name, runId, claim }: Pick<Owner, 'name' | 'runId' | 'claim'>): boolean {
    const { ca } = this.material();
    if (ca !== this.#ca) this.#checked.clear();
    this.#ca = ca;
    const key = `${claimText(name, runId)} ${claim ?? ''}`;
    let problem = this.#checked.get(key);
    if (!this.#checked.has(key)) {
      problem = claim === undefined ? 'it shows no certificate' : this.#problemWith(claim, name, runId);
      this.#checked.set(key, problem);
      if (this.#checked.size > claimsKept) this.#checked.delete(this.#checked.keys().next().value!);
      if (problem !== undefined)
        this.log.warn({ peer: name, reason: problem }, 'refused an incarnation that has not proven its name');
    }
    return problem === undefined;
  }

  /** Why a claim does not hold; undefined if it does. */
  #problemWith(claim: string, name: string, runId: RunId): string | undefined {
    try {
      const [chain = '', signature = ''] = claim.split('.');
      const shown = chain.split(',', longestChain).map((one) => new X509Certificate(Buffer.from(one, 'base64')));
      const [own] = shown as [X509Certificate];
      if (nameIn(own) !== name || !isForServers(own)) return 'its certificate is not one for a daemon of this name';
      if (!this.#isTrusted(shown)) return 'its certificate is not one of the CA, or not valid now';
      const text = Buffer.from(claimText(name, runId));
      const isSigned = verify(digestFor(own.publicKey), text, own.publicKey, Buffer.from(signature, 'base64'));
      return isSigned ? undefined : 'the key of its certificate has not signed that';
    } catch {
      return 'its certificate cannot be read';
    }
  }

  /** Whether each certificate is issued by the next one, and the last one by the CA. */
  #isTrusted(shown: readonly X509Certificate[]): boolean {
    const { authorities } = this.material();
    const now = this.wallNow();
    return shown.every((one, index) => {
      const isValid = Date.parse(one.validFrom) <= now && now < Date.parse(one.validTo);
      const issuers = index === shown.length - 1 ? authorities : shown.slice(index + 1, index + 2);
      return isValid && issuers.some((issuer) => issuer.ca && one.checkIssued(issuer) && one.verify(issuer.publicKey));
    });
  }
}

/** Throws InvalidError if no claim can be made of this: the other daemons would not see this one. */
export function requireClaim(material: Material): void {
  claimOf(material, claimText(material.name ?? '', '' as RunId));
}

const claimText = (name: string, runId: RunId): string => `bender name ${runId} ${name}`;

function claimOf({ cert, key, paths }: Material, text: string): string {
  const chain = certificatesIn(cert, paths.cert).filter((one, index) => index === 0 || one.subject !== one.issuer);
  if (chain.length > longestChain)
    throw new InvalidError(`${paths.cert} has more than ${longestChain} certificates that lead to its CA`);
  const claim = `${chain.map(({ raw }) => raw.toString('base64')).join()}.${signatureOf(key, text, paths.key)}`;
  if (claim.length > longestClaim) throw new InvalidError(`the certificates in ${paths.cert} are too long for peers`);
  return claim;
}

function signatureOf(key: string, text: string, path: string): string {
  const privateKey = createPrivateKey(key);
  try {
    return sign(digestFor(privateKey), Buffer.from(text), privateKey).toString('base64');
  } catch (error) {
    throw new InvalidError(`the key in ${path} cannot sign with SHA-256`, { cause: error });
  }
}

/** Ed25519 and the like hash by themselves. */
const digestFor = ({ asymmetricKeyType: type }: KeyObject): 'sha256' | null =>
  type === 'ed25519' || type === 'ed448' ? null : 'sha256';
