/** Commands that the user gives for the shell. */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { withoutSecrets } from '../model/secrets.js';

/** ms after the end for which output is waited for. */
const pipesMs = 200;

export interface ShellOptions {
  /** Beside the environment of this process, without its secrets; undefined unsets. */
  env?: Record<string, string | undefined>;
  /** For its stdin, which is empty otherwise. */
  input?: string;
  /** Called with its output, which is not printed then. */
  onOutput?: ((text: string) => void) | undefined;
  /** The file descriptor for its stdout; default: stderr, like its stderr. */
  output?: 1 | 2;
  /** Milliseconds after which it is killed with all that it has started; by default it may take for ever. */
  timeoutMs?: number;
}

/** Runs `command`. Resolves with its failure, or undefined if it has succeeded. */
export function runInShell(
  command: string,
  { env = {}, input = '', output = 2, onOutput, timeoutMs }: ShellOptions = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, {
      shell: true,
      stdio: onOutput ? ['pipe', 'pipe', 'pipe'] : ['pipe', output, 'inherit'],
      env: { ...withoutSecrets(process.env), ...withoutNul(env) },
      // In a group of its own, so that it can be killed as a whole.
      detached: timeoutMs !== undefined,
    });
    let late = false;
    const timer =
      timeoutMs !== undefined &&
      setTimeout(() => {
        late = true;
        killGroup(child);
      }, timeoutMs);
    const end = (how: string | undefined): void => {
      if (timer) clearTimeout(timer);
      resolve(late ? `took longer than ${timeoutMs} ms` : how);
    };
    child.once('error', (error) => end(error.message));
    for (const stream of onOutput ? [child.stdout, child.stderr] : [])
      stream?.setEncoding('utf8').on('data', onOutput!);
    child.once('exit', (code, signal) => {
      const how = code === 0 ? undefined : signal ? `ended by ${signal}` : `exit code ${code}`;
      if (!onOutput) return end(how);
      // Its output may still be in the pipes, which a process that it has started may keep open.
      child.once('close', () => end(how));
      setTimeout(() => end(how), pipesMs).unref();
    });
    child.stdin?.on('error', () => undefined); // It need not read.
    child.stdin?.end(input);
  });
}

/** A variable cannot hold a NUL, which others may have put into a name: without it, the command runs all the same. */
const withoutNul = (env: Record<string, string | undefined>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value?.replaceAll('\0', '')]));

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

/** `text` as one word of a shell's command line. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
