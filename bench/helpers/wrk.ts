/** wrk as a load generator: a process of its own that takes next to nothing from a machine of two cores. */

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connections, type Load, type LoadResult } from './generator.js';
import { requestText } from './requests.js';

const replay = fileURLToPath(new URL('../../../../bench/helpers/replay.lua', import.meta.url));

/** wrk answers 1 to `-v`, and is there all the same. */
export const haveWrk = (): boolean => spawnSync('wrk', ['-v']).error === undefined;

export async function wrk({ port, overTls, messages, seconds }: Load): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const file = join(folder, 'requests');
    writeFileSync(
      file,
      messages
        .map(requestText)
        .map((text) => `${Buffer.byteLength(text)}\n${text}`)
        .join(''),
    );
    const how = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', replay];
    const { stdout } = await promisify(execFile)('wrk', [
      ...how,
      `${overTls ? 'https' : 'http'}://127.0.0.1:${port}`,
      file,
    ]);
    return readWrk(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What replay.lua printed last, after wrk's own words. */
export function readWrk(output: string): LoadResult {
  const line = output.split('\n').findLast((line) => line.startsWith('{'));
  if (line === undefined) throw new Error(`wrk says nothing of use: ${output}`);
  const { requests, us, p50, p99, refused, broken } = JSON.parse(line) as Record<string, number>;
  return {
    requests: requests!,
    perSecond: requests! / (us! / 1e6),
    p50: p50! / 1000,
    p99: p99! / 1000,
    refused: refused!,
    broken: broken!,
  };
}
