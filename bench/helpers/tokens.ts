/** A tokens file, and the header of its one token. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf, makeToken } from '../../src/model/token-digest.js';
import { formatTokenLine } from '../../src/model/tokens-file.js';

/** A token that registers the apps of the benchmarks. */
export function makeTokensFile(): { file: string; headers: Record<string, string>; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'bench-tokens-'));
  const file = join(folder, 'tokens.jsonl');
  const { token, id } = makeToken();
  const sha256 = digestOf(token).toString('hex');
  writeFileSync(file, formatTokenLine({ id, name: 'bench', role: 'write', apps: ['app-*'], created: 0, sha256 }), {
    mode: 0o600,
  });
  return {
    file,
    headers: { authorization: `Bearer ${token}` },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
