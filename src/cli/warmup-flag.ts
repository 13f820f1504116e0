/** The warm-up of a backend as a flag. */

import type { BackendChange } from '../model/catalog.js';
import { parseDuration } from '../model/duration.js';
import { Flags } from './oclif.js';

export const warmupFlag = Flags.custom<number>({
  helpValue: 'DURATION|none',
  description:
    'How long the weight of an instance rises, in four steps, from the moment at which it comes online; 0 or none: not at all.',
  parse: (text) => Promise.resolve(text === 'none' ? 0 : parseDuration(text)),
});

/** What the flag asks for. */
export const warmupFrom = ({ warmup }: { warmup?: number | undefined }): Pick<BackendChange, 'warmupMs'> =>
  warmup === undefined ? {} : { warmupMs: warmup };
