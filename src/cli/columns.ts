/** How wide the columns of a table are, so that its rows fit the terminal. */

import stringWidth from 'string-width';

export interface ShownColumn {
  title: string;
  cells: string[];
  /** Redundant with other columns, so it is the first to be left out. */
  isSpare?: boolean;
  /** The first to be cut. */
  isLong?: boolean;
}

/** Between two columns. */
export const gap = '  ';

/**
 * Characters to which long columns are cut before spare ones are left out, before others are cut, and any column at
 * all.
 */
const least = { readable: 24, long: 12, any: 6 };

/**
 * The columns that fit into `width` characters, with their widths. Columns without content are left out. As far as it
 * is needed, long ones are cut, spare ones are left out, and in the end whichever is the widest is cut.
 */
export function fit<T extends ShownColumn>(columns: readonly T[], width: number): { column: T; width: number }[] {
  const filled = columns.filter(hasContent);
  const kept = total(filled.map(wantedWidth)) <= width ? filled : filled.filter(({ isSpare }) => !isSpare);
  const widths = kept.map(naturalWidth);
  cut(widths, width, (index) => Boolean(kept[index]!.isLong), least.long);
  cut(widths, width, () => true, least.any);
  return kept.map((column, index) => ({ column, width: widths[index]! }));
}

/** Whether they fit if spare columns are left out, and long ones are cut to a readable width. */
export function fitsWell(columns: readonly ShownColumn[], width: number): boolean {
  return total(columns.filter((one) => hasContent(one) && !one.isSpare).map(wantedWidth)) <= width;
}

const hasContent = ({ cells }: ShownColumn): boolean => cells.some((cell) => cell !== '' && cell !== '-');

const wantedWidth = (one: ShownColumn): number => Math.min(naturalWidth(one), one.isLong ? least.readable : Infinity);

export const naturalWidth = ({ title, cells }: ShownColumn): number =>
  Math.max(stringWidth(title), ...cells.map((cell) => stringWidth(cell)));

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + gap.length * Math.max(0, widths.length - 1);

/** Takes characters from the widest of those that `mayCut`, until all fit or none is wider than `most`. */
function cut(widths: number[], width: number, mayCut: (index: number) => boolean, most: number): void {
  for (let over = total(widths) - width; over > 0; over--) {
    let widest = -1;
    widths.forEach((one, index) => {
      if (mayCut(index) && one > most && (widest < 0 || one > widths[widest]!)) widest = index;
    });
    if (widest < 0) return;
    widths[widest]!--;
  }
}
