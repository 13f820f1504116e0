import { consul } from './consul.js';
import { dns } from './dns.js';
import { envoy } from './envoy.js';
import { eureka } from './eureka.js';
import { prometheus } from './prometheus.js';
import type { Row } from './row.js';
import { traefik } from './traefik.js';

/** By name of the surface. */
export const rows: Record<string, Row> = { consul, dns, envoy, eureka, prometheus, traefik };
