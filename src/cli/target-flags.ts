/** The target of a backend, as flags. */

import { Flags } from './oclif.js';
import type { BackendChange, Split } from '../model/catalog.js';
import { UsageError } from './usage-error.js';

export const targetFlags = {
  app: { helpValue: 'APP', description: 'The app that it points at.' },
  version: { helpValue: 'VERSION', description: 'The version, or a semver range such as ^1.2.0.' },
};

/** Several versions in the place of one. */
export const splitFlag = Flags.string({
  multiple: true,
  multipleNonGreedy: true,
  exclusive: ['version'],
  helpValue: 'VERSION=WEIGHT',
  description: 'An exact version and its share of the requests. May be repeated.',
});

/** The target that the flags give. Throws UsageError for an invalid weight. */
export function targetFrom(flags: {
  app?: string | undefined;
  version?: string | undefined;
  split?: string[] | undefined;
}): Omit<BackendChange, 'name'> {
  const { app, version, split } = flags;
  return {
    ...(app !== undefined && { app }),
    ...(version !== undefined && { version }),
    ...(split && { split: parseSplit(split) }),
  };
}

function parseSplit(pairs: string[]): Split {
  const weights = pairs.map((pair): [string, number] => {
    const [, version, weight] = /^(.+)=(\d+)$/.exec(pair) ?? [];
    if (version === undefined) throw new UsageError(`--split must be VERSION=WEIGHT, not '${pair}'`);
    return [version, Number(weight)];
  });
  const split = Object.fromEntries(weights);
  if (Object.keys(split).length < weights.length) throw new UsageError('--split must name each version once');
  return split;
}
