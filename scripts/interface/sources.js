/** What src/ declares: tables and descriptions, bundled from the sources as they are now. */

import { build } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

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
  // Below node_modules, for libraries to be found from there.
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'interface-'));
  try {
    const outfile = join(folder, 'declarations.mjs');
    await build({
      absWorkingDir: root,
      stdin: { contents: declarations, resolveDir: root },
      outfile,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'warning',
    });
    const { defineMetrics, Registry, describeApi, ...tables } = await import(pathToFileURL(outfile).href);
    return { ...tables, metrics: metricsOf(defineMetrics, new Registry()), api: describeApi('any') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Those of bender: what else there is comes from Node, and differs with its version. Nothing is measured here. */
function metricsOf(defineMetrics, register) {
  defineMetrics(register, {}, {});
  return register.getMetricsAsArray().filter(({ name }) => name.startsWith('bender_'));
}
