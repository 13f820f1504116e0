/**
 * Ends a program if this process is killed and cannot do it itself: a shell in a session of its own that waits for the
 * end of a pipe. It cannot help if it is killed as well, as by `systemctl kill -s KILL` or the end of a container.
 */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { withoutSecrets } from '../model/secrets.js';

/** $1: the mark; $2: the group of the program, if it has one of its own. */
const script = `
read -r word && exit 0
found() { grep -lzxF -- "$1" /proc/[0-9]*/environ 2>/dev/null | sed 's,/proc/,,; s,/environ,,' | grep -vx $$; }
for signal in TERM KILL; do
  [ -n "$2" ] && kill -s $signal -- "-$2" 2>/dev/null
  kill -s $signal $(found "$1") 2>/dev/null
  [ $signal = KILL ] || for _ in 1 2 3 4 5; do sleep 1; [ -n "$(found "$1")" ] || break; done
done
`;

export class Guard {
  readonly #shell: ChildProcess;

  /**
   * @param mark  `NAME=VALUE` in the environment of the program and of what it starts
   * @param group  the process group that it leads, if it does
   */
  constructor(mark: string, group: number | undefined) {
    this.#shell = spawn('sh', ['-c', script, 'bender-guard', mark, group === undefined ? '' : String(group)], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: withoutSecrets(process.env),
      detached: true,
    });
    this.#shell.once('error', () => undefined);
    this.#shell.stdin?.on('error', () => undefined);
    this.#shell.unref();
    (this.#shell.stdin as unknown as { unref?: () => void }).unref?.();
  }

  /** The program has ended. */
  dismiss(): void {
    this.#shell.stdin?.end('done\n');
  }
}
