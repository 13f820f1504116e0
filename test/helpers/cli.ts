/** The real `bender`, as a process of its own. */

import { execa } from 'execa';
import { join } from 'node:path';

const bender = join(import.meta.dirname, '../../bin/run.js');

interface CliOptions {
  /** URLs of daemons, as BENDER_SERVER has them. */
  server?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** The `bin/run.js` of another release. */
  program?: string;
}

/**
 * Starts `bender ARGS`; its result never throws for an exit code. Colours and $PORT of the user that runs the tests are
 * kept out.
 */
export function start(args: string[], { server, env, cwd, program = bender }: CliOptions = {}) {
  const inherited = { ...process.env };
  for (const name of ['PORT', 'NO_COLOR', 'FORCE_COLOR', 'NODE_OPTIONS']) delete inherited[name];
  return execa(process.execPath, [program, ...args], {
    reject: false,
    extendEnv: false,
    stdin: 'ignore',
    env: { ...inherited, ...(server !== undefined && { BENDER_SERVER: server }), ...env },
    ...(cwd !== undefined && { cwd }),
  });
}

export type Running = ReturnType<typeof start>;

export interface Result {
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
}

export async function run(args: string[], options?: CliOptions): Promise<Result> {
  const { stdout, stderr, exitCode } = await start(args, options);
  return { stdout, stderr, exitCode };
}

/** What `bender ARGS --json` answers. Throws where it fails. */
export async function runJson<T = unknown>(args: string[], options?: CliOptions): Promise<T> {
  const { stdout, stderr, exitCode } = await run([...args, '--json'], options);
  if (exitCode !== 0) throw new Error(`bender ${args.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Collects the lines that a process prints, as they come. */
export function linesOf(output: NodeJS.ReadableStream): string[] {
  const lines: string[] = [];
  let rest = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    lines.push(...parts);
  });
  return lines;
}
