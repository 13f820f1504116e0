/** Wall clocks that are wrong: Debian's libfaketime, preloaded. The monotonic clock stays as it is. */

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const library = ['/usr/lib', '/usr/local/lib']
  .flatMap((root) => (readable(root) ?? []).map((name) => join(root, name, 'faketime')))
  .concat('/usr/lib/faketime', '/usr/local/lib/faketime')
  .map((folder) => join(folder, 'libfaketime.so.1'))
  .find((path) => readable(path, '..')?.includes('libfaketime.so.1'));

/** Why there are no wrong clocks here, in a line; undefined where there are. */
export const whyNoFakeTime = library ? undefined : 'libfaketime is not installed (apt-get install faketime)';

/** For a process whose wall clock is off by what stands in a file: seconds, with their sign. */
export function fakeTime(file: string): NodeJS.ProcessEnv {
  setOffset(file, 0);
  if (!library) return {};
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

/** Takes a second to be noticed. */
export const setOffset = (file: string, seconds: number): void =>
  writeFileSync(file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);

function readable(...path: string[]): string[] | undefined {
  try {
    return readdirSync(join(...path));
  } catch {
    return undefined;
  }
}
