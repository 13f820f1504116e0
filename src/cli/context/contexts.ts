/**
 * Contexts: named clusters, each with its daemons and what to show to them, so that a command need not say it every
 * time. They are kept in a file of the user's, which names the files with secrets, and has no secrets itself.
 */

import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../files/atomic-file.js';
import { InvalidError, NotFoundError } from '../../model/errors.js';
import { isObject } from '../../model/json.js';
import { parseJsonFile } from '../../model/json-file.js';

/** The files are absolute paths. */
export interface Context {
  servers: string[];
  tokenFile?: string;
  tlsCa?: string;
  tlsCert?: string;
  tlsKey?: string;
}

export interface Contexts {
  /** The name of the one that is used; undefined: none. */
  current: string | undefined;
  all: Map<string, Context>;
}

export const contextsPath = (environment = process.env): string =>
  join(environment.XDG_CONFIG_HOME || join(homedir(), '.config'), 'bender', 'contexts.json');

/** None if there is no file. Throws InvalidError for one that is not in its form. */
export function readContexts(path = contextsPath()): Contexts {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { current: undefined, all: new Map() };
    throw new InvalidError(`the file of contexts ${path} cannot be read: ${code ?? message}`, { cause: error });
  }
  const fail = (what: string): never => {
    throw new InvalidError(`the file of contexts ${path}: ${what}`);
  };
  const file = parseJsonFile(text, path);
  if (!isObject(file) || !isObject(file.contexts)) return fail("it must be an object with 'contexts'");
  const { current, contexts } = file;
  const all = new Map(
    Object.entries(contexts).map(([name, context]) => [
      name,
      isContext(context) ? context : fail(`the context '${name}' must have servers, and paths of files`),
    ]),
  );
  if (current === undefined || (typeof current === 'string' && all.has(current))) return { current, all };
  return fail("'current' must name one of its contexts");
}

export async function writeContexts({ current, all }: Contexts, path = contextsPath()): Promise<void> {
  const sorted = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  const file = { ...(current !== undefined && { current }), contexts: Object.fromEntries(sorted) };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
}

/** The context of this name. Throws NotFoundError, which names those that there are. */
export function contextNamed({ all }: Contexts, name: string): Context {
  const found = all.get(name);
  if (found) return found;
  const others = all.size === 0 ? "make one with 'bender context set'" : `there are ${[...all.keys()].join(', ')}`;
  throw new NotFoundError(`there is no context '${name}': ${others}`);
}

/**
 * The context that a command uses: the one of the flag, else of `BENDER_CONTEXT`, else the one that was chosen;
 * undefined if there is none. A command that is told its servers uses none: a token of a context is for its own.
 */
export function usedContext(
  named: string | undefined,
  environment = process.env,
): { name: string; context: Context } | undefined {
  const asked = named ?? (environment.BENDER_CONTEXT || undefined);
  const contexts = readContexts(contextsPath(environment));
  const name = asked ?? contexts.current;
  return name === undefined ? undefined : { name, context: contextNamed(contexts, name) };
}

const files = ['tokenFile', 'tlsCa', 'tlsCert', 'tlsKey'] as const;

function isContext(value: unknown): value is Context {
  if (!isObject(value) || !Array.isArray(value.servers) || value.servers.length === 0) return false;
  const { servers } = value;
  return (
    servers.every((url) => typeof url === 'string') &&
    files.every((file) => ['string', 'undefined'].includes(typeof value[file]))
  );
}
