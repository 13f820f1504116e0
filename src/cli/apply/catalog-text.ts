/**
 * The catalog as text, for `bender export` and `bender apply`: YAML, or JSON.
 *
 *     backends:
 *       - name: web
 *         app: web
 *         version: 1.2.0
 *     frontends:
 *       - name: www
 *         backend: web
 *     drainRules:
 *       - name: web@1.1.0
 *         app: web
 *         version: 1.1.0
 *         reason: leaks memory
 */

import { parse } from 'yaml';
import type { Backend, Frontend, Routing } from '../../model/catalog.js';
import { changedRule, type DrainRule, type DrainRuleFields } from '../../model/drain-rule.js';
import { InvalidError } from '../../model/errors.js';
import { checkRouting } from '../../model/validate.js';
import { yamlText } from '../yaml-text.js';
import type { Wanted, WantedBackend, WantedFrontend } from './plan.js';

export const formatCatalog = (catalog: Listed): string => yamlText(plain(catalog));

/** The catalog as daemons list it. */
export interface Listed {
  backends: readonly Backend[];
  frontends: readonly Frontend[];
  drainRules: readonly DrainRule[];
}

/**
 * Without the kind of each, which the lists give, and without authors. Drain rules are left out if there are none, so
 * that older versions read the file.
 */
export function plain({ backends, frontends, drainRules }: Listed): Wanted {
  return {
    backends: backends.map(({ resource: _, ...fields }) => fields),
    frontends: frontends.map(({ resource: _, ...fields }) => fields),
    ...(drainRules.length > 0 && { drainRules: drainRules.map((rule) => changedRule(rule, {})) }),
  };
}

/**
 * Reads such a text. Versions are text as they are written: `1.10` is no number.
 *
 * @param source  the name of the file, for errors
 * @throws InvalidError naming the entry and the field
 */
export function readCatalog(text: string, source: string): Wanted {
  const all = recordOf(parseText(text, source), source);
  refuseOthers(all, ['backends', 'frontends', 'drainRules'], source);
  const backends = listOf(all.backends, `${source}: backends`).map((entry, index) =>
    readBackend(entry, `${source}: backends[${index}]`),
  );
  const frontends = listOf(all.frontends, `${source}: frontends`).map((entry, index) =>
    readFrontend(entry, `${source}: frontends[${index}]`),
  );
  const drainRules = listOf(all.drainRules, `${source}: drainRules`).map((entry, index) =>
    readDrainRule(entry, `${source}: drainRules[${index}]`),
  );
  for (const list of [backends, frontends, drainRules]) refuseTwice(list, source);
  return { backends, frontends, ...(all.drainRules !== undefined && { drainRules }) };
}

function parseText(text: string, source: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: YAML, of which JSON is a part.
  }
  try {
    return parse(text, { schema: 'failsafe' }) as unknown;
  } catch (error) {
    const why = (error as Error).message.split('\n')[0]!.replace(/:$/, '');
    throw new InvalidError(`${source} is neither JSON nor YAML: ${why}`, { cause: error });
  }
}

type Entry = Readonly<Record<string, unknown>>;

function readBackend(input: unknown, where: string): WantedBackend {
  const entry = recordOf(input, where);
  refuseOthers(entry, ['resource', 'name', 'app', 'version', 'split', 'warmupMs', 'routing'], where);
  const [name, app] = [textOf(entry, 'name', where), textOf(entry, 'app', where)];
  if ((entry.version === undefined) === (entry.split === undefined))
    throw new InvalidError(`${where}: give either 'version' or 'split'`);
  const rest = { ...warmupIn(entry, where), ...routingIn(entry, where) };
  if (entry.version !== undefined) return { name, app, version: textOf(entry, 'version', where), ...rest };
  const shares = Object.entries(recordOf(entry.split, `${where}.split`));
  return {
    name,
    app,
    split: Object.fromEntries(shares.map(([version, share]) => [version, Number(share)])),
    ...rest,
  };
}

function readFrontend(input: unknown, where: string): WantedFrontend {
  const entry = recordOf(input, where);
  refuseOthers(entry, ['resource', 'name', 'backend', 'routing'], where);
  const name = textOf(entry, 'name', where);
  const backend = entry.backend === undefined ? {} : { backend: textOf(entry, 'backend', where) };
  return { name, ...backend, ...routingIn(entry, where) };
}

function readDrainRule(input: unknown, where: string): DrainRuleFields {
  const entry = recordOf(input, where);
  refuseOthers(entry, ['resource', 'name', 'app', 'version', 'reason'], where);
  return {
    name: textOf(entry, 'name', where),
    app: textOf(entry, 'app', where),
    ...(entry.version !== undefined && { version: textOf(entry, 'version', where) }),
    ...(entry.reason !== undefined && { reason: textOf(entry, 'reason', where) }),
  };
}

/** Likewise: milliseconds, or nothing. */
function warmupIn({ warmupMs }: Entry, where: string): Pick<WantedBackend, 'warmupMs'> {
  if (warmupMs === undefined) return {};
  if (warmupMs === null || warmupMs === '' || warmupMs === 'null') return { warmupMs: null };
  const ms = Number(warmupMs);
  if (!Number.isInteger(ms)) throw new InvalidError(`${where}.warmupMs must be a whole number of milliseconds`);
  return { warmupMs: ms };
}

/** Nothing at all behind `routing:` removes it; an entry without it leaves it as it is. */
function routingIn({ routing }: Entry, where: string): { routing?: Routing | null } {
  if (routing === undefined) return {};
  if (routing === null || routing === '' || routing === 'null') return { routing: null };
  try {
    return { routing: checkRouting(routing) };
  } catch (error) {
    throw new InvalidError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

function recordOf(input: unknown, where: string): Entry {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Entry;
  throw new InvalidError(`${where} must be an object`);
}

function listOf(input: unknown, where: string): unknown[] {
  // An empty list is written as nothing at all, too.
  if (input === undefined || input === null || input === '') return [];
  if (Array.isArray(input)) return input as unknown[];
  throw new InvalidError(`${where} must be a list`);
}

function textOf(entry: Entry, field: string, where: string): string {
  const value = entry[field];
  if (typeof value === 'string' && value !== '') return value;
  if (value === undefined) throw new InvalidError(`${where}: '${field}' is missing`);
  throw new InvalidError(`${where}: '${field}' must be a text`);
}

function refuseOthers(entry: Entry, known: readonly string[], where: string): void {
  const other = Object.keys(entry).find((key) => !known.includes(key));
  if (other !== undefined) throw new InvalidError(`${where}: unknown field '${other}'`);
}

function refuseTwice(list: readonly { name: string }[], source: string): void {
  const seen = new Set<string>();
  for (const { name } of list) {
    if (seen.has(name)) throw new InvalidError(`${source} names '${name}' twice`);
    seen.add(name);
  }
}
