/** Variables of the environment that are settings but for a letter or two. */

import { nearest } from './suggest.js';

const prefix = 'BENDER_';

/**
 * What to tell of those in `environment` that are nearly one of `known`. Others are left alone: services and hooks find
 * variables of bender in their environment that are no settings.
 */
export function misspelt(environment: NodeJS.ProcessEnv, known: readonly string[]): string[] {
  const names = known.map((name) => name.slice(prefix.length));
  return Object.keys(environment)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .flatMap((name) => {
      const meant = nearest(name.slice(prefix.length), names);
      return meant === undefined ? [] : [`${name} is no setting: did you mean ${prefix}${meant}?`];
    });
}
