import { expect, it } from '@jest/globals';
import { Directory } from '../../../../../src/daemon/surfaces/eureka/directory.js';
import { formatFor } from '../../../../../src/daemon/surfaces/eureka/format.js';
import { applicationsOf } from '../../../../../src/daemon/surfaces/eureka/listing.js';
import type { Group } from '../../../../../src/daemon/core/registry.js';
import type { Registration } from '../../../../../src/model/registration.js';
import { mostBetweenPauses } from '../../../../helpers/pauses.js';

it('pauses after some instances, also if none of them is wanted', () => {
  let looked = 0;
  const directory = new Directory({
    groups: () => [{ app: 'web' } as Group],
    unhealthyGroups: () => [],
    registrationsIn: function* () {
      while (looked < 5000)
        yield { app: 'web', version: '1.0.0', host: 'h', port: ++looked, ttl: 4000, meta: {} } as Registration;
    },
    stamp: () => '1',
    unhealthyStamp: () => '1',
  });
  const selection = { names: ['WEB'], isWanted: () => false };
  const work = applicationsOf(directory, selection, formatFor('application/json'));
  expect(mostBetweenPauses(work, () => looked)).toBeLessThanOrEqual(20);
  expect(looked).toBe(5000);
});
