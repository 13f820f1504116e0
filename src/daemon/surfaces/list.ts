/** All surfaces that are asked by HTTP. DNS has a server of its own. */

import { consul } from './consul/surface.js';
import { envoy } from './envoy/surface.js';
import { eureka } from './eureka/surface.js';
import { metrics } from './metrics/surface.js';
import { openapi } from './openapi/surface.js';
import { prometheus } from './prometheus/surface.js';
import type { Surface } from './surface.js';
import { traefik } from './traefik/surface.js';
import { ui } from './ui/surface.js';

export const surfaces: readonly Surface[] = [metrics, prometheus, consul, eureka, traefik, envoy, ui, openapi];

/** As `--without` takes them. */
export const surfaceNames: readonly string[] = [...surfaces.map(({ name }) => name), 'dns'];
