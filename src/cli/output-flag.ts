/** The output format of commands that list or show something: `-o`. */

import { Flags } from './oclif.js';

export const formats = ['wide', 'name', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

export const outputFlag = Flags.option({
  char: 'o',
  options: formats,
  exclusive: ['json'],
  helpGroup: 'GLOBAL',
  helpValue: formats.join('|'),
  description:
    'wide: all columns, however wide the terminal is; name: only ids or names, one a line; json: as --json; yaml: the same as YAML.',
})();

/** The value of `-o` before the flags are parsed: errors of the parser use that format, too. */
export function formatIn(argv: readonly string[]): Format | undefined {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  // `-wo` is `-w -o`.
  const at = own.findIndex((word) => /^(-w?o|--output(=|$))/.test(word));
  if (at < 0) return undefined;
  const word = own[at]!.replace(/^-w/, '-');
  const said = /^(-o|--output)$/.test(word) ? own[at + 1] : word.replace(/^(--output=|-o=?)/, '');
  return formats.find((format) => format === said);
}
