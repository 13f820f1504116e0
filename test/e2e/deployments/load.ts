/** A steady load by wrk. */

import { join } from 'node:path';
import type { RunningProgram } from './programs.js';
import { startProgram } from './programs.js';

const script = join(import.meta.dirname, '../../fixtures/deployments/load.lua');

export interface LoadResult {
  requests: number;
  /** How many requests have failed, by how. */
  failed: Record<'connect' | 'read' | 'write' | 'status' | 'timeout', number>;
}

export const noFailure: LoadResult['failed'] = { connect: 0, read: 0, write: 0, status: 0, timeout: 0 };

/** Whether a connection is kept for further requests, or each request has one of its own. */
export type Connections = 'kept alive' | 'of their own';

export const allConnections: Connections[] = ['kept alive', 'of their own'];

export class Load {
  readonly #running: RunningProgram[];

  constructor(url: string, connections: readonly Connections[] = allConnections) {
    const args = ['--threads', '1', '--connections', '4', '--duration', '10m', '--timeout', '5s'];
    this.#running = connections.map((kind) => {
      const headers = kind === 'of their own' ? ['--header', 'connection: close'] : [];
      return startProgram('wrk', [...args, ...headers, '--script', script, url]);
    });
  }

  /** Ends it. Answers the results, by the kinds of connections. */
  async stop(): Promise<LoadResult[]> {
    for (const wrk of this.#running) wrk.kill('SIGINT');
    return Promise.all(
      this.#running.map(async (wrk) => {
        const { stdout, stderr } = await wrk;
        const result = stdout.split('\n').find((line) => line.startsWith('{'));
        if (result === undefined) throw new Error(`wrk has no result: ${stdout}${stderr}`);
        return JSON.parse(result) as LoadResult;
      }),
    );
  }

  async kill(): Promise<void> {
    for (const wrk of this.#running) wrk.kill('SIGKILL');
    await Promise.all(this.#running);
  }
}
