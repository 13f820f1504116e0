/**
 * The certificate, key and CA of a daemon, read again whenever the files change. A new certificate must name the same
 * daemon. Says in the log when one of them is about to expire.
 */

import { createSecureContext } from 'node:tls';
import { InvalidError } from '../../model/errors.js';
import type { Log } from '../core/log.js';
import { KeptFiles } from '../kept-files.js';
import { requireClaim } from './claims.js';
import { type Material, parseMaterial } from './material.js';
import type { TlsPlan } from './tls-settings.js';

const messages = {
  failed: 'cannot use the new files of TLS: certificate, key and CA stay as they were',
  resolved: 'the files of TLS can be used again',
};

const dayMs = 24 * 60 * 60 * 1000;

/** ms before a certificate expires in which the log says so each day. */
const warnForMs = 14 * dayMs;

export class TlsFiles {
  material!: Material;
  #files!: KeptFiles;
  readonly #daily: NodeJS.Timeout;

  private constructor(
    private readonly plan: TlsPlan,
    private readonly log: Log,
    private readonly wallNow: () => number,
  ) {
    this.#daily = setInterval(() => this.#warn(), dayMs).unref();
  }

  /** Called after the files were read again. */
  onChange: (material: Material) => void = () => {};

  /** Rejects with InvalidError for files that cannot be read or do not go together. */
  static async open(plan: TlsPlan, log: Log, wallNow: () => number = Date.now): Promise<TlsFiles> {
    const files = new TlsFiles(plan, log, wallNow);
    const { cert, key, ca } = plan;
    files.#files = await KeptFiles.open({
      paths: [cert, key, ...(ca === undefined ? [] : [ca])],
      called: 'TLS file',
      messages,
      log,
      take: (texts, [, stats]) => {
        files.#take(texts);
        if ((stats!.mode & 0o004) !== 0) log.warn({ file: key }, 'the private key of TLS may be read by other users');
      },
    });
    return files;
  }

  /** Reads the files now, whether or not they seem to have changed. Never rejects. */
  reload(): Promise<void> {
    return this.#files.reload();
  }

  close(): void {
    clearInterval(this.#daily);
    this.#files.close();
  }

  #take(texts: readonly string[]): void {
    const material = parseMaterial(texts, this.plan);
    const { name, expires } = material;
    const before = this.material as Material | undefined;
    if (this.plan.ca !== undefined) {
      if (before && name !== before.name)
        throw new InvalidError(`${this.plan.cert} names the daemon '${name ?? ''}', and no longer '${before.name}'`);
      if (before && !material.isOfDaemon)
        throw new InvalidError(`the certificate in ${this.plan.cert} is one of a caller, and not of a daemon`);
      requireClaim(material);
    }
    try {
      createSecureContext(material);
    } catch (error) {
      throw new InvalidError(`OpenSSL cannot use ${this.plan.cert} and the rest: ${(error as Error).message}`, {
        cause: error,
      });
    }
    this.material = material;
    this.log.info({ file: this.plan.cert, expires: new Date(expires) }, 'read the files of TLS');
    this.#warn();
    this.onChange(material);
  }

  #warn(): void {
    const { expires } = this.material;
    const left = expires - this.wallNow();
    if (left >= warnForMs) return;
    const fields = { file: this.plan.cert, expires: new Date(expires) };
    if (left <= 0) this.log.error(fields, 'a certificate has expired: clients and peers refuse it');
    else this.log.warn(fields, 'a certificate expires in less than 14 days: replace it');
  }
}
