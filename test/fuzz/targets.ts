/** All that `npm run fuzz` knows to fuzz. */

import { changeTarget } from './change-target.js';
import { dnsTarget } from './dns-target.js';
import { httpTarget } from './http-target.js';
import type { Target } from './target.js';
import { tokenTarget } from './token-target.js';
import { tlsTarget } from './tls-target.js';
import { wireTarget } from './wire-target.js';

export const targets: readonly Target[] = [httpTarget, wireTarget, changeTarget, tokenTarget, tlsTarget, dnsTarget];
