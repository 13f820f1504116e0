import { consul } from './consul.js';
import { prometheus } from './prometheus.js';
import type { Row } from './row.js';

/** By name of the surface. */
export const rows: Record<string, Row> = { prometheus, consul };
