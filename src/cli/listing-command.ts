/** The base of commands that list something: the output format (`-o`). */

import { Flags } from './oclif.js';
import { printable, printableCopy } from '../model/printable.js';
import { ClientCommand } from './client-command.js';
import { trustedFlag } from './flags.js';
import type { Column, Listing } from './listings.js';
import { notice } from './notice.js';
import { tableWithin, terminalWidth } from './table.js';

const outputs = ['wide', 'name', 'json'] as const;
type Output = (typeof outputs)[number];

/** The most characters of one text, if nothing is cut to the width of a terminal. */
const longest = 4000;

export abstract class ListingCommand extends ClientCommand {
  static override baseFlags = {
    ...ClientCommand.baseFlags,
    trusted: trustedFlag,
    output: Flags.option({
      char: 'o',
      options: outputs,
      exclusive: ['json'],
      helpGroup: 'GLOBAL',
      helpValue: outputs.join('|'),
      description:
        'wide: all columns, however wide the terminal is; name: only ids or names, one a line; json: as --json.',
    })(),
  };

  override jsonEnabled(): boolean {
    return super.jsonEnabled() || outputIn(this.argv) === 'json';
  }

  /** Only names are wanted, and nothing beside them. */
  protected get namesOnly(): boolean {
    return outputIn(this.argv) === 'name';
  }

  /** Shows `things` as the flags say; that there are none is a notice, and no result. */
  protected show<T>(listing: Listing<T>, all: readonly T[]): void {
    if (this.jsonEnabled()) return;
    if (all.length === 0) return notice(none(listing));
    this.print(this.textOf(listing, all));
  }

  /** The text of a list, as the flags say. */
  protected textOf<T>({ nameOf, columns, inOrder }: Listing<T>, all: readonly T[]): string {
    const things = inOrder ? [...all] : all.toSorted((a, b) => natural.compare(nameOf(a), nameOf(b)));
    if (this.namesOnly) return things.map((thing) => printable(nameOf(thing), longest)).join('\n');
    const isWide = outputIn(this.argv) === 'wide';
    const width = isWide ? undefined : terminalWidth();
    const rows = things.map((thing) => printableCopy(thing, width === undefined ? longest : undefined));
    const shown = Object.entries(columns).map(([title, column]) => ({ title, ...asColumn(column) }));
    return tableWithin(
      shown
        .filter(({ isWide: onlyWide }) => isWide || !onlyWide)
        .filter(({ isOptional, cell }) => !isOptional || rows.some((row) => cell(row) !== ''))
        .map(({ title, cell, isSpare, isLong }) => ({
          title,
          cells: rows.map((row) => cell(row) || '-'),
          isSpare: rows.every((row) => isSpare?.(row)),
          isLong: isLong ?? false,
        })),
      width,
    );
  }
}

/** That a list is empty. */
export const none = ({ plural }: Pick<Listing<never>, 'plural'>): string => `No ${plural}.`;

/** 10.0.0.5 comes before 10.0.0.45. */
const natural = new Intl.Collator('en', { numeric: true });

const asColumn = <T>(column: Column<T> | Column<T>['cell']): Column<T> =>
  typeof column === 'function' ? { cell: column } : column;

/** The value of `-o` before the flags are parsed: errors of the parser use that format, too. */
function outputIn(argv: readonly string[]): Output | undefined {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const at = own.findIndex((word) => /^(-o|--output)(?==|$)|^-o./.test(word));
  if (at < 0) return undefined;
  const word = own[at]!;
  const said = /^(-o|--output)$/.test(word) ? own[at + 1] : word.replace(/^(--output=|-o=?)/, '');
  return outputs.find((output) => output === said);
}
