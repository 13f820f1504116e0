/** The preference for near instances as flags. */

import { Flags } from './oclif.js';

export const nearAtLeast = {
  min: 1,
  helpValue: 'N',
  dependsOn: ['near'],
  description: 'How many near instances are enough, of each version of a split. [default: 1]',
};

export const nearFlags = {
  near: Flags.string({
    helpValue: 'NAME:VALUE',
    description: 'Only instances with this in their metadata, as long as enough of them take requests; else all.',
  }),
  'near-at-least': Flags.integer(nearAtLeast),
};
