/** Columns of text, without frames, so that a table can be read by people and cut by scripts. */

import Table from 'cli-table3';
import { results } from './colors.js';
import { fit, gap, type ShownColumn } from './columns.js';

const frame = ['top', 'bottom', 'left', 'right', 'top-left', 'top-right', 'bottom-left', 'bottom-right'].concat([
  'mid',
  'mid-mid',
  'top-mid',
  'bottom-mid',
  'left-mid',
  'right-mid',
]);
const noFrame = Object.fromEntries(frame.map((part) => [part, '']));

/**
 * A line for each row, below the titles if there are any.
 *
 * @param widths  of the columns, to which cells are cut; undefined: they are as wide as their contents
 */
export function table(titles: string[], rows: string[][], widths?: number[]): string {
  const layout = new Table({
    head: titles.map((title) => results.dim(title)),
    chars: { ...noFrame, middle: gap },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(widths && { colWidths: widths }),
  });
  layout.push(...rows);
  return layout.toString().replace(/ +$/gm, '');
}

/** The same, made to fit into `width` characters; undefined: nothing is left out or cut. */
export function tableWithin(columns: readonly ShownColumn[], width: number | undefined): string {
  const fitting = width === undefined ? undefined : fit(columns, width);
  const shown = fitting?.map(({ column }) => column) ?? columns;
  const rows = shown[0]?.cells.map((_, row) => shown.map(({ cells }) => cells[row]!)) ?? [];
  return table(
    shown.map(({ title }) => title),
    rows,
    fitting?.map((one) => one.width),
  );
}

/** Characters in a line of the terminal that stdout is; undefined if it is none. */
export const terminalWidth = (): number | undefined =>
  process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
