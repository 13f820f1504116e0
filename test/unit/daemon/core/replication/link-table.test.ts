import { expect, it } from '@jest/globals';
import { Membership } from '../../../../../src/daemon/core/membership/membership.js';
import type { Sender } from '../../../../../src/daemon/core/replication/frame.js';
import type { Link } from '../../../../../src/daemon/core/replication/link.js';
import { LinkTable } from '../../../../../src/daemon/core/replication/link-table.js';
import { callersKept } from '../../../../../src/daemon/core/replication/recent-callers.js';
import type { Seeds } from '../../../../../src/daemon/core/replication/seeds.js';
import { Replica } from '../../../../helpers/replicas.js';
import { asRunId, runIdOf } from '../../../../helpers/samples.js';

function tableOf(): LinkTable {
  const seeds = { has: () => false } as unknown as Seeds;
  const open = (url: string): Link => ({ url, close: () => {}, identify: () => {} }) as unknown as Link;
  const url = 'http://a.example:1729';
  return new LinkTable(
    { url },
    seeds,
    new Membership(2000),
    new Replica('a'),
    () => 0,
    () => runIdOf('a'),
    open,
  );
}

it('forgets what was said with the first unknown caller when there are too many, also if members have called meanwhile', () => {
  const table = tableOf();
  const first = table.syncWith(asRunId('unknown-0'));
  for (let index = 0; index < callersKept; index++)
    table.toCaller({ url: `http://member-${index}`, runId: asRunId(`member-${index}`) } as Sender);
  for (let index = 1; index <= callersKept; index++) table.syncWith(asRunId(`unknown-${index}`));
  expect(table.syncWith(asRunId('unknown-0'))).not.toBe(first);
});
