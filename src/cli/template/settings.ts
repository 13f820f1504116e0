/** Which templates there are, and how each is rendered: from the flags of one, or from a file that lists several. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDuration } from '../../model/duration.js';
import { InvalidError } from '../../model/errors.js';
import { parseJsonFile } from '../../model/json-file.js';
import { parseNear } from '../../model/near.js';
import type { Wait } from '../coalescer.js';
import type { DestinationOptions } from './destination.js';
import type { JobOptions } from './job.js';

export interface TemplateSettings extends DestinationOptions, JobOptions {
  /** The template. */
  src: string;
}

export const defaultWait = '200ms:2s';

/** What is written for one template; each key but the first two is a flag, too. */
interface Written {
  src: string;
  dest: string;
  check?: string | undefined;
  exec?: string | undefined;
  wait?: string | undefined;
  'allow-empty'?: boolean | undefined;
  near?: string | undefined;
  'near-at-least'?: number | undefined;
}

const types: Record<keyof Written, 'string' | 'boolean' | 'number'> = {
  src: 'string',
  dest: 'string',
  check: 'string',
  exec: 'string',
  wait: 'string',
  'allow-empty': 'boolean',
  near: 'string',
  'near-at-least': 'number',
};

/** Throws {@link InvalidError}; paths are taken from `folder` on. */
export function templateSettings(written: Written, folder = '.'): TemplateSettings {
  const { src, dest, check, exec, wait = defaultWait, 'allow-empty': allowEmpty = false } = written;
  if (check !== undefined && !check.includes('{}'))
    throw new InvalidError(`the check must name the file to be checked as {}, not just '${check}'`);
  const paths = { src: resolve(folder, src), dest: resolve(folder, dest) };
  if (paths.src === paths.dest) throw new InvalidError(`the template and the file to write are the same: ${dest}`);
  return { ...paths, check, exec, wait: parseWait(wait), allowEmpty, ...nearOf(written) };
}

function nearOf({ near, 'near-at-least': atLeast = 1 }: Written): Pick<TemplateSettings, 'near'> {
  if (!Number.isInteger(atLeast) || atLeast < 1)
    throw new InvalidError('"near-at-least" must be a whole number above 0');
  return near === undefined ? {} : { near: parseNear(near, atLeast) };
}

/** The settings of a dry run without a file to write. */
export const dryRunSettings = (written: Omit<Written, 'dest'>): TemplateSettings => ({
  ...templateSettings({ ...written, dest: `${written.src}.rendered` }),
  dest: '',
});

/**
 * `{"templates": [{"src": …, "dest": …, …}]}` in the JSON file `path`. Throws {@link InvalidError} with what is
 * wrong and where.
 */
export async function readTemplates(path: string): Promise<TemplateSettings[]> {
  const file = await readJson(path);
  const { templates } = asObject(file, path, ['templates']) as { templates?: unknown };
  if (!Array.isArray(templates) || templates.length === 0)
    throw new InvalidError(`"templates" in ${path} must be an array with a template at least`);
  const settings = templates.map((template: unknown, index) => {
    const where = `template ${index + 1} in ${path}`;
    try {
      return templateSettings(asWritten(template), dirname(path));
    } catch (error) {
      throw new InvalidError(`${where}: ${(error as Error).message}`, { cause: error });
    }
  });
  const twice = settings.find(({ dest }, index) => settings.findIndex((one) => one.dest === dest) < index);
  if (twice) throw new InvalidError(`two templates in ${path} would write ${twice.dest}`);
  return settings;
}

/** `200ms:2s`. */
export function parseWait(text: string): Wait {
  const [min, max, ...more] = text.split(':');
  if (max === undefined || more.length > 0)
    throw new InvalidError(`the wait must be MIN:MAX such as ${defaultWait}, not '${text}'`);
  const wait = { min: parseDuration(min!), max: parseDuration(max) };
  if (wait.min > wait.max) throw new InvalidError(`the wait '${text}' has a MIN above its MAX`);
  return wait;
}

function asWritten(template: unknown): Written {
  const written = asObject(template, 'it', Object.keys(types));
  for (const [key, type] of Object.entries(types)) {
    const value = written[key];
    const isMissing = value === undefined && (key === 'src' || key === 'dest');
    if (isMissing || (value !== undefined && typeof value !== type))
      throw new InvalidError(`"${key}" must be a ${type}`);
  }
  return written as unknown as Written;
}

function asObject(value: unknown, where: string, keys: string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidError(`${where} must be a JSON object`);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new InvalidError(`"${unknown}" in ${where} is no key: there are ${keys.join(', ')}`);
  return { ...value };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new InvalidError(`config file ${path} cannot be read: ${error.message}`, { cause: error });
  });
  return parseJsonFile(text, `config file ${path}`);
}
