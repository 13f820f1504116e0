/** The tokens file that commands change and daemons read. */

import { Flags } from './oclif.js';

export const tokensFlag = Flags.string({
  required: true,
  env: 'BENDER_TOKENS',
  helpValue: 'FILE',
  description: "The tokens file, which daemons are given with 'bender serve --tokens FILE'.",
});
