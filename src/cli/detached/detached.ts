/** The daemon's side of `bender serve --detach`. */

import { stateFolder } from '../../files/state-folder.js';
import { detachedMark, type Started } from './launch.js';
import { PidFile } from './pid-file.js';

/** Whether this process was started by `bender serve --detach`. */
export const isDetached = (): boolean => process.env[detachedMark] !== undefined && process.send !== undefined;

/**
 * Writes the pid file, and has the command that started this daemon end. The file is removed when the process ends.
 *
 * @param listening  the URL at which the daemon listens
 * @param line  what a daemon prints that is not detached
 */
export function tellStarter(listening: string, line: string): void {
  const port = Number(new URL(listening).port);
  const file = new PidFile(stateFolder(), port);
  file.write(process.pid);
  process.once('exit', () => file.remove(process.pid));
  // The command may have been killed meanwhile.
  process.send?.({ port, line } satisfies Started, () => {
    if (process.connected) process.disconnect();
  });
}
