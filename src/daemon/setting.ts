/** What a setting of `bender serve` is: a row of the table in settings.ts. */

import { type Parser, yesOrNo } from './setting-parsers.js';

export interface Setting<T> {
  parse: Parser<T>;
  /** The default. */
  fallback: T;
  /** The placeholder for its value in the help. */
  placeholder: string;
  help: string;
  /** How the help shows the fallback, if that is not the value itself. */
  fallbackHelp?: string;
  /** Whether its flag may be repeated. */
  repeats?: boolean;
  /** Whether its flag takes no value. */
  isSwitch?: boolean;
}

/** Keeps the type of its value. */
export const setting = <T>(declared: Setting<T>): Setting<T> => declared;

/** A switch that is off by default. */
export const switchFor = (help: string): Setting<boolean> =>
  setting({ parse: yesOrNo, fallback: false, placeholder: '', help, fallbackHelp: 'no', isSwitch: true });
