/** The settings that options of `createDaemon` stand for. */

import { InvalidError } from '../../model/errors.js';
import { parseFrom } from '../setting-sources.js';
import { type Setting, type Settings, settingTable } from '../settings.js';
import type { DaemonOptions } from './daemon-options.js';

/** A program that embeds a daemon asks it at once, and has an output of its own. */
const embeddedDefaults: DaemonOptions = { port: 0, warmFor: 0, logLevel: 'silent' };

/** The option for a setting: `peerTimeout` for `peer-timeout`. */
export const optionName = (setting: string): string =>
  setting === 'peer' ? 'peers' : setting.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const settings = Object.entries<Setting<unknown>>(settingTable);

/** Throws InvalidError for an unknown option or a bad value, naming it. */
export function settingsOf(options: DaemonOptions): Settings {
  const given = { ...embeddedDefaults, ...options } as Record<string, unknown>;
  const names = settings.map(([name]) => optionName(name));
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new InvalidError(`'${unknown}' is no option of createDaemon: there are ${names.join(', ')}`);
  return Object.fromEntries(
    settings.map(([name, { parse, fallback }]) => {
      const option = optionName(name);
      const raw = given[option] ?? embeddedDefaults[option as keyof DaemonOptions];
      return [name, raw === undefined ? fallback : parseFrom(`'${option}'`, raw, parse)];
    }),
  ) as Settings;
}
