/** How figures stand in a table that does not have all of them. */

import { figure } from '../helpers/report.js';

const none = '–';

/** NaN and undefined: not measured. */
export const cell = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? none : figure(value);

/**
 * Several in one cell.
 *
 *     cells(14, NaN) // '14 / –'
 *     cells(NaN, NaN) // '–'
 */
export function cells(...values: (number | undefined)[]): string {
  const all = values.map(cell);
  return all.every((one) => one === none) ? none : all.join(' / ');
}
