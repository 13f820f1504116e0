/** Turns oclif's errors about a command line into one sentence that names the flag or argument. */

import { stripVTControlCharacters } from 'node:util';
import { nearest } from './suggest.js';

/** The errors of oclif's parser, as far as they are looked at here. */
interface ParseError extends Error {
  parse?: { input?: { flags?: Record<string, unknown> }; output?: { flags?: Record<string, unknown> } };
  /** Unknown flags, with their dashes. */
  flags?: string[];
  /** Missing arguments, or those that are too many. */
  args?: (string | { name: string; options?: readonly string[] })[];
}

/** @param error  oclif's error, whose message has several lines and advice */
export function usageText(error: Error): string {
  const { flags, args, parse } = error as ParseError;
  if (Array.isArray(flags)) return flags.map((flag) => unknownFlag(flag, knownFlags(parse))).join('; ');
  if (Array.isArray(args) && args.length > 0) {
    const [first] = args;
    return typeof first === 'string' ? tooMany(args as string[], parse) : missing(args as { name: string }[]);
  }
  return plain(error.message);
}

const knownFlags = (parse: ParseError['parse']): string[] => [...Object.keys(parse?.input?.flags ?? {}), 'help'];

/** @param names  of the flags that there are, without dashes */
export function unknownFlag(flag: string, names: readonly string[]): string {
  const [name = ''] = flag.replace(/^-+/, '').split('=');
  const meant = flag.startsWith('--') ? nearest(name, names) : undefined;
  return `unknown flag ${flag}${meant === undefined ? '' : `: did you mean --${meant}?`}`;
}

function tooMany(words: string[], parse: ParseError['parse']): string {
  const said = `unexpected argument${words.length === 1 ? '' : 's'} ${words.map((word) => `'${word}'`).join(', ')}`;
  // In other tools the version, or the release to go back to, is an argument.
  const wanted = ['version', 'to'].find(
    (name) => name in (parse?.input?.flags ?? {}) && !(name in (parse?.output?.flags ?? {})),
  );
  return wanted !== undefined && words.length === 1 ? `${said}: did you mean --${wanted} ${words[0]}?` : said;
}

const missing = (args: { name: string }[]): string =>
  args.length === 1
    ? `${args[0]!.name.toUpperCase()} is missing`
    : `${args.map(({ name }) => name.toUpperCase()).join(' and ')} are missing`;

const plain = (message: string): string =>
  stripVTControlCharacters(message)
    .replace(/\s*See more help with --help\s*$/, '')
    .replace(/\s*Note: --\S+ allows multiple values[^]*$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/Missing required flag (\S+)/g, '--$1 is missing')
    .replace(/^Flag (--\S+) expects a value$/, '$1 needs a value')
    .replace(/^Flag (--\S+) expects one of these values: (.*)$/, '$1 needs one of $2')
    .replace(/^Expected (--[^=\s]+)=([^]*) to be one of: (.*)$/, "$1 must be one of $3, not '$2'")
    .replace(/^Expected ([^]*) to be one of: (.*)$/, "'$1' is none of $2")
    .replace(/^Parsing (--\S+)\s+Expected an integer ([^]*) but received: (.*)$/, "$1 must be an integer $2, not '$3'")
    .replace(/^Parsing (--\S+)\s+Expected an integer but received: (.*)$/, "$1 must be an integer, not '$2'")
    .replace(/^Parsing (--\S+)\s+/, '$1 ')
    .replace(/(--[^=\s]+)=\S* cannot also be provided when using (--\S+)/g, '$1 and $2 exclude each other')
    .replace(/(--\S+) cannot also be provided when using (--\S+)/g, '$1 and $2 exclude each other')
    .replace(/All of the following must be provided when using (--\S+): (.*)/g, '$1 needs $2 as well')
    .replace(
      /(?:At least|Exactly) one of the following must be provided: (.*)/g,
      (_, list: string) => `give one of ${list}`,
    )
    .replace(/:\s*\n\s*/g, ': ');
