/** CAs for tests, and the certificates that they issue. */

import { type Issued, issue, makeAuthority } from '../../src/cli/ca/certificates.js';
import { type Material, parseMaterial } from '../../src/daemon/tls/material.js';

const hosts = ['127.0.0.1', 'localhost'];

export class TestAuthority {
  private constructor(readonly made: Issued) {}

  static async make(): Promise<TestAuthority> {
    return new TestAuthority(await makeAuthority(30));
  }

  /** PEM. */
  get certificate(): string {
    return this.made.certificate;
  }

  forDaemon(name: string, days = 30, now?: number): Promise<Issued> {
    return issue(this.made, { name, hosts, days }, now);
  }

  forClient(name: string): Promise<Issued> {
    return issue(this.made, { name, hosts: undefined, days: 30 });
  }

  /** What a daemon of this name has in its files. */
  async materialOf(name: string, issued?: Issued): Promise<Material> {
    const { certificate, key } = issued ?? (await this.forDaemon(name));
    return parseMaterial([certificate, key, this.certificate], { cert: 'cert.pem', key: 'key.pem', ca: 'ca.pem' });
  }
}
