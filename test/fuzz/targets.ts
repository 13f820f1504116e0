/** All that `npm run fuzz` knows to fuzz. */

import { httpTarget } from './http-target.js';
import type { Target } from './target.js';

export const targets: readonly Target[] = [httpTarget];
