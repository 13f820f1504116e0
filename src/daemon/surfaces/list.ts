/** All surfaces that are asked by HTTP. DNS has a server of its own. */

import { metrics } from './metrics/surface.js';
import { prometheus } from './prometheus/surface.js';
import type { Surface } from './surface.js';

export const surfaces: readonly Surface[] = [metrics, prometheus];
