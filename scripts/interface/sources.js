/** What src/ declares: tables and descriptions. */

import { importSources } from '../import-sources.js';

const declarations = `
  export { exitCodes, unhealthyExitCode } from './src/cli/exit-codes.ts';
  export { accessTable } from './src/daemon/http/auth/access.ts';
  export { environmentName, settingTable } from './src/daemon/settings.ts';
  export { defineMetrics } from './src/daemon/surfaces/metrics/definitions.ts';
  export { eventTypes } from './src/model/events.ts';
  export { describeApi } from './src/openapi/main.ts';
  export { Registry } from 'prom-client';
`;

/** @param {string} root  the project */
export async function declaredIn(root) {
  const { defineMetrics, Registry, describeApi, ...tables } = await importSources(root, declarations);
  return { ...tables, metrics: metricsOf(defineMetrics, new Registry()), api: describeApi('any') };
}

/** Those of bender: what else there is comes from Node, and differs with its version. Nothing is measured here. */
function metricsOf(defineMetrics, register) {
  defineMetrics(register, {}, {});
  return register.getMetricsAsArray().filter(({ name }) => name.startsWith('bender_'));
}
