/** A list as the text of a table, or as names. */

import { printable, printableCopy } from '../model/printable.js';
import { fitsWell, type ShownColumn } from './columns.js';
import type { Column, Listing } from './listings.js';
import type { Format } from './output-flag.js';
import { tableWithin, terminalWidth } from './table.js';

/** The most characters of one text, if nothing is cut to the width of a terminal. */
const longest = 4000;

export function listText<T>(
  { nameOf, columns, inOrder }: Listing<T>,
  all: readonly T[],
  format: Format | undefined,
): string {
  const things = inOrder ? [...all] : all.toSorted((a, b) => natural.compare(nameOf(a), nameOf(b)));
  if (format === 'name') return things.map((thing) => printable(nameOf(thing), longest)).join('\n');
  const isWide = format === 'wide';
  const width = isWide ? undefined : terminalWidth();
  const rows = things.map((thing) => printableCopy(thing, width === undefined ? longest : undefined));
  const shown = Object.entries(columns)
    .map(([title, column]) => ({ title, ...asColumn(column) }))
    .filter(({ isWide: onlyWide }) => isWide || !onlyWide)
    .filter(({ isOptional, cell }) => isWide || !isOptional || rows.some((row) => cell(row) !== ''));
  const cellsOf = (isNarrow: boolean): ShownColumn[] =>
    shown.map(({ title, cell, short = cell, isSpare, isLong }) => ({
      title,
      cells: rows.map((row) => (isNarrow ? short : cell)(row) || '-'),
      isSpare: rows.every((row) => isSpare?.(row)),
      isLong: isLong ?? false,
    }));
  const whole = cellsOf(false);
  return tableWithin(width === undefined || fitsWell(whole, width) ? whole : cellsOf(true), width);
}

/** That a list is empty. */
export const none = ({ plural }: Pick<Listing<never>, 'plural'>): string => `No ${plural}.`;

/** 10.0.0.5 comes before 10.0.0.45. */
const natural = new Intl.Collator('en', { numeric: true });

const asColumn = <T>(column: Column<T> | Column<T>['cell']): Column<T> =>
  typeof column === 'function' ? { cell: column } : column;
