/** A certificate for a daemon under load, of a CA of its own. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issue, makeAuthority } from '../../src/cli/ca/certificates.js';

/** The flags of a daemon that speaks TLS, with files that are there until `remove`. */
export async function makeCertificate(): Promise<{ args: string[]; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-tls-'));
  const issued = await issue(await makeAuthority(60), { name: 'bench', hosts: ['127.0.0.1'], days: 30 });
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(cert, issued.certificate);
  writeFileSync(key, issued.key, { mode: 0o600 });
  return { args: ['--tls-cert', cert, '--tls-key', key], remove: () => rmSync(folder, { recursive: true }) };
}
