/** Columns of text, without frames, so that a table can be read by people and cut by scripts. */

import Table from 'cli-table3';
import { results } from './colors.js';

const frame = [
  'top',
  'bottom',
  'left',
  'right',
  'top-left',
  'top-right',
  'bottom-left',
  'bottom-right',
].concat(['mid', 'mid-mid', 'top-mid', 'bottom-mid', 'left-mid', 'right-mid']);
const noFrame = Object.fromEntries(frame.map((part) => [part, '']));

/** A line for each row, below the titles if there are any. */
export function table(titles: string[], rows: string[][]): string {
  const layout = new Table({
    head: titles.map((title) => results.dim(title)),
    chars: { ...noFrame, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  layout.push(...rows);
  return layout.toString().replace(/ +$/gm, '');
}
