/** A folder for what a server writes, as long as it runs. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerProcess } from '../helpers/processes.js';

const folders = new Set<string>();
const remove = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
};
process.on('exit', () => folders.forEach(remove));

export async function withScratch(start: (folder: string) => Promise<ServerProcess>): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  folders.add(folder);
  try {
    const server = await start(folder);
    return { ...server, stop: () => server.stop().finally(() => remove(folder)) };
  } catch (error) {
    remove(folder);
    throw error;
  }
}
