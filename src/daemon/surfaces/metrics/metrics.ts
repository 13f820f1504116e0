/** `GET /metrics`, in the text format of Prometheus and in that of OpenMetrics. All values are read when asked for. */

import { Registry as Collector, type RegistryContentType } from 'prom-client';
import { keptBy503 } from '../keep.js';
import type { OpenSurface } from '../surface.js';
import { defineMetrics } from './definitions.js';

export const open: OpenSurface<'GET /metrics'> = ({ registry, vitals }) => {
  const [text, openMetrics] = [new Collector<RegistryContentType>(), new Collector<RegistryContentType>()];
  openMetrics.setContentType(Collector.OPENMETRICS_CONTENT_TYPE);
  defineMetrics(text, registry, vitals);
  for (const { name } of text.getMetricsAsArray()) openMetrics.registerMetric(text.getSingleMetric(name)!);
  return {
    keep: keptBy503,
    handlers: {
      'GET /metrics': async ({ headers: { accept = '' } }) => {
        const collector = accept.includes('application/openmetrics-text') ? openMetrics : text;
        const body = Buffer.from(await collector.metrics());
        return { status: 200, headers: { 'content-type': collector.contentType }, body };
      },
    },
  };
};
