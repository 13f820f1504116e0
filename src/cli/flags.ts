/** Flags and arguments that several commands take. */

import { Args, Flags } from './oclif.js';
import { parseDuration } from '../model/duration.js';

/** Milliseconds from `4000`, `4s`, `10m`. */
export const duration = Flags.custom<number>({
  parse: async (input) => parseDuration(input),
  helpValue: 'DURATION',
});

/** The name of something of that kind. */
export const nameArgOf = (kind: string) =>
  Args.string({ required: true, ignoreStdin: true, description: `The name of the ${kind}.` });

/** For commands that ask at a terminal before they take something away. */
export const yesFlag = Flags.boolean({ char: 'y', description: 'Do not ask at a terminal.' });

/** For look-ups. */
export const trustedFlag = Flags.boolean({
  description: 'Ask only a daemon that has not just started and is not cut off; exit code 3 says that there is none.',
});

/** The backend of a frontend. */
export const servedFlag = { helpValue: 'BACKEND', description: 'The backend that it serves.' };

/** The registrations that a command is about. */
export const queryFlags = {
  app: { helpValue: 'APP', description: 'Only this app.' },
  version: {
    helpValue: 'VERSION',
    description: 'Only this version, or the versions of a semver range such as ^1.2.0.',
  },
};
