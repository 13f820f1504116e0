/** Colours for stdout and stderr: none if NO_COLOR is set or there is no terminal. */

import { Chalk, supportsColor, supportsColorStderr } from 'chalk';

const chalkFor = (support: typeof supportsColor) =>
  new Chalk({ level: process.env.NO_COLOR || !support ? 0 : support.level });

/** For results, on stdout. */
export const results = chalkFor(supportsColor);

/** For stderr. */
export const warnings = chalkFor(supportsColorStderr);
