/** A daemon inside a program, for the tests of services and of whatever else uses the registry. */

import { createRequire } from 'node:module';
import { runDaemon } from '../run.js';
import type { DaemonOptions, EmbeddedDaemon } from './daemon-options.js';
import { settingsOf } from './settings-of.js';

export type { DaemonOptions, EmbeddedDaemon } from './daemon-options.js';

/**
 * Starts a daemon in this process. It listens for no signals, reads no variables and no config file, never ends the
 * process, and logs nothing unless `logLevel` says so. There may be several in one process.
 *
 *     const daemon = await createDaemon({ ttl: 1000 });
 *     const client = new Client({ servers: [daemon.url] });
 *     …
 *     await daemon.close();
 *
 * @returns  the daemon, once it serves and has joined its peers
 * @throws InvalidError  for an unknown option or a bad value; the error of the daemon if it cannot listen or join
 */
export async function createDaemon(options: DaemonOptions = {}): Promise<EmbeddedDaemon> {
  const settings = settingsOf(options);
  const { version } = createRequire(import.meta.url)('bender/package.json') as { version: string };
  let stop!: () => void;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  return new Promise((resolve, reject) => {
    const closed = runDaemon({
      settings,
      version,
      stopped,
      isEmbedded: true,
      onStarted: ({ url, apiUrl, name, cluster }) => {
        const close = (): Promise<void> => {
          stop();
          return closed;
        };
        resolve({ url: apiUrl ?? url, name, cluster, closed, close, [Symbol.asyncDispose]: close });
      },
    });
    closed.catch(reject);
  });
}
