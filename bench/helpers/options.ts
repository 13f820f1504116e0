/** How long a benchmark may take: `--short` proves that it runs, and its figures mean nothing. */

export const short = process.argv.includes('--short');

/** The one for a whole run, or the one for a short run. */
export const size = <T>(whole: T, inShort: T): T => (short ? inShort : whole);

/** Rounds in which the sides of a comparison take turns. */
export const rounds = size(5, 1);

/** s for which one side is put under load in one round. */
export const seconds = size(2, 1);

/** Daemons leave a `--cpu-prof` profile each in .bench/profiles. */
export const profiled = process.argv.includes('--profile');
