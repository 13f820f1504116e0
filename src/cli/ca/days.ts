/** How long certificates are valid. */

import { Flags } from '../oclif.js';

export const daysFlag = (fallback: number) =>
  Flags.integer({
    min: 1,
    max: 36_500,
    default: fallback,
    helpValue: 'DAYS',
    description: 'How many days it is valid.',
  });

/** The day of an instant in Unix ms, such as `2027-11-29`. */
export const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
