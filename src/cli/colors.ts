/** Colours for stdout and stderr: none where NO_COLOR is set or nobody looks. */

import { Chalk, supportsColor, supportsColorStderr } from 'chalk';

const chalkFor = (support: typeof supportsColor) =>
  new Chalk({ level: process.env.NO_COLOR || !support ? 0 : support.level });

/** For results, on stdout. */
export const results = chalkFor(supportsColor);

/** For what goes beside them, on stderr. */
export const warnings = chalkFor(supportsColorStderr);
