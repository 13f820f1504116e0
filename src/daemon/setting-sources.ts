/** Where settings come from: flags, else the environment, else the config file, else their defaults. */

import { readFileSync } from 'node:fs';
import { InvalidError } from '../model/errors.js';
import { parseJsonFile } from '../model/json-file.js';
import { environmentName, type Setting, type Settings, settingTable } from './settings.js';

export interface Sources {
  /** As given on the command line; undefined for what was not. May name a `config` file. */
  flags: Readonly<Record<string, string | string[] | boolean | undefined>>;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Throws InvalidError for a bad value, naming it and where it came from. */
export function readSettings({ flags, environment }: Sources): Settings {
  const path = (flags.config as string | undefined) ?? fromEnvironment(environment, 'config');
  const file = path === undefined ? {} : readConfigFile(path);
  const settings = Object.entries<Setting<unknown>>(settingTable).map(([name, { parse, fallback }]) => {
    const candidates: [origin: string, raw: unknown][] = [
      // A flag without a value is false if it is not given.
      [`--${name}`, flags[name] === false ? undefined : flags[name]],
      [`${environmentName(name)} (environment)`, fromEnvironment(environment, name)],
      [`"${name}" in ${path}`, file[name]],
    ];
    const given = candidates.find(([, raw]) => raw !== undefined);
    return [name, given ? parseFrom(...given, parse) : fallback];
  });
  return Object.fromEntries(settings) as Settings;
}

/** A variable that is set to nothing is not set: that is how one unsets it in many a unit file. */
const fromEnvironment = (environment: Sources['environment'], name: string): string | undefined =>
  environment[environmentName(name)] || undefined;

/** Parses a value; an error names its origin. */
export function parseFrom<T>(origin: string, raw: unknown, parse: (raw: unknown) => T): T {
  try {
    return parse(raw);
  } catch (error) {
    throw new InvalidError(`${origin} ${(error as Error).message}`, { cause: error });
  }
}

function readConfigFile(path: string): Readonly<Record<string, unknown>> {
  const config = readJson(path);
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new InvalidError(`config file ${path} must be a JSON object`);
  const unknown = Object.keys(config).find((key) => !Object.hasOwn(settingTable, key));
  if (unknown !== undefined)
    throw new InvalidError(`"${unknown}" in ${path} is no setting: there are ${Object.keys(settingTable).join(', ')}`);
  return { ...config };
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidError(`config file ${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return parseJsonFile(text, `config file ${path}`);
}
