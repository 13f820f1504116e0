/** How much text sliced work puts together at once, in characters rather than in times. */

import { createHash, type Hash } from 'node:crypto';
import { jest } from '@jest/globals';
import type { Group, Registry } from '../../src/daemon/core/registry.js';
import { formatId, type Registration } from '../../src/model/registration.js';
import { allWarm } from '../../src/model/warm-up.js';
import { mostBetweenPauses } from './pauses.js';

/** The characters that `work` puts into JSON and into digests between two pauses, at most. */
export function mostWritten(work: Generator<void, unknown>): number {
  let written = 0;
  const stringify = jest.spyOn(JSON, 'stringify');
  const update = jest.spyOn(Object.getPrototypeOf(createHash('sha1')) as Hash, 'update');
  const count = (): number => {
    for (const { value } of stringify.mock.results.splice(0)) written += (value as string).length;
    for (const [text] of update.mock.calls.splice(0)) written += text.length;
    return written;
  };
  try {
    return mostBetweenPauses(work, count);
  } finally {
    stringify.mockRestore();
    update.mockRestore();
  }
}

/** One app, `web` 1.0.0, with many instances, which counts how often it is asked how many they are. */
export function registryOfMany(count: number): Pick<Registry, 'available' | 'fresh' | 'groups' | 'registrationsIn'> & {
  counted: number;
} {
  const all = Array.from({ length: count }, (_, index): Registration => {
    const at = { app: 'web', version: '1.0.0', host: `10.0.${index >> 8}.${index & 255}`, port: 80 };
    return {
      ...{ resource: 'Registration', id: formatId(at), ...at },
      ...{ ttl: 4000, meta: {}, draining: false, registered: 0 },
    };
  });
  const registry = {
    counted: 0,
    available: () => {
      registry.counted++;
      return new Map([['1.0.0', count]]);
    },
    fresh: () => allWarm,
    groups: () => [{} as Group],
    registrationsIn: () => all,
  };
  return registry;
}
