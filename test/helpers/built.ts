/** jest's globalSetup for the end-to-end tests, which run what users run: makes sure that it is built. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const script = join(import.meta.dirname, '../../scripts/build-if-stale.js');

export default function setUp(): void {
  execFileSync(process.execPath, [script], { stdio: 'inherit' });
}
