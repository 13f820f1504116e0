/** The lines about conflicting values. */

import type { ConflictingValue, WithConflicts } from '../model/history.js';
import { printable } from '../model/printable.js';
import { results } from './colors.js';

/** Characters. */
const longest = 4000;

export const conflictLines = <T extends { name: string }>(
  { name, conflict = [] }: WithConflicts<T>,
  text: (thing: T) => string,
): string[] =>
  conflict.map((losing: ConflictingValue<T>) =>
    results.yellow(
      printable(
        `conflict: ${isDeleted(losing) ? 'it was removed' : text(losing)} at the same time at another daemon, and lost; \
the next change settles it (bender history ${name})`,
        longest,
      ),
    ),
  );

const isDeleted = (losing: object): losing is { deleted: true } => 'deleted' in losing;
