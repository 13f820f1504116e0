/** The records of a pool: SRV for all of it, A and AAAA for those that take new requests. */

import { isIP } from 'node:net';
import { addressLabel, labelOf } from './labels.js';
import { type Additional, pointerBytes, pointerReach, type RecordSet } from './message.js';
import type { Member } from './pools.js';
import { addressRecord, encodeRecords, type RecordBytes, srvRecord, srvTargetAt } from './records.js';

/** The records of one type, and how many members have none of it. */
export interface MadeSet extends RecordSet {
  /** Also a set without records is kept, since it takes a look at all members. */
  cost: number;
  leftOut: number;
}

/** No message has room for more: a service takes at least 48 of its 65,535 bytes. */
const mostServices = 1400;

/** HAProxy divides by it, and rounds up. */
const haproxyUnit = 256;

/**
 * One record for each place where a member listens. A host that is a name is the target itself. An address gets a name
 * of its own below `inst`, and is an additional record.
 *
 * @param members  those with a weight first: the last ones are left out if there are too many
 * @param asService  weights for HAProxy, which asks for services alone; else in lowest terms, as Kong wants them
 */
export function srvSet(members: readonly Member[], domain: string, asService: boolean): MadeSet {
  const places = distinct(members, ({ host, port }) => `${host} ${port}`).slice(0, mostServices);
  const named = places.flatMap((member) => {
    const target = targetName(member, domain);
    return target === undefined ? [] : [{ ...member, target }];
  });
  const answers = encodeRecords(
    named.map(({ target, port, weight }) =>
      srvRecord(target, port, asService ? Math.min(65_535, weight * haproxyUnit) : weight),
    ),
  );
  const additionals = additionalsOf(
    named.map(({ host }) => host),
    answers,
  );
  const leftOut = places.length - named.length;
  return { answers, additionals, next: 0, cost: 1 + answers.length + additionals.length, leftOut };
}

/** The addresses of the hosts that the answers are about, as far as there are any, and as pointers reach. */
function additionalsOf(hosts: readonly string[], answers: readonly RecordBytes[]): Additional[] {
  const owned: { host: string; ownerAt: number }[] = [];
  let at = 0;
  for (const [index, host] of hosts.entries()) {
    if (at > pointerReach) break;
    if (isIP(host) !== 0) owned.push({ host, ownerAt: at + pointerBytes + srvTargetAt });
    at += pointerBytes + answers[index]!.length;
  }
  const records = encodeRecords(owned.map(({ host }) => addressRecord(host)));
  return owned.map(({ ownerAt }, index) => ({ record: records[index]!, ownerAt }));
}

/** One record for each address of this family. Hosts that are names have none. */
export function addressSet(members: readonly Member[], family: 4 | 6): MadeSet {
  const available = members.filter(({ weight }) => weight > 0);
  const ofFamily = available.filter(({ host }) => isIP(host) === family);
  const answers = encodeRecords(distinct(ofFamily, ({ host }) => host).map(({ host }) => addressRecord(host)));
  const leftOut = available.filter(({ host }) => isIP(host) === 0).length;
  return { answers, additionals: [], next: 0, cost: 1 + answers.length, leftOut };
}

/** What an SRV points to; undefined if the app has no label. */
function targetName({ app, host, port }: Omit<Member, 'weight'>, domain: string): string | undefined {
  if (isIP(host) === 0) return host;
  const label = labelOf(app);
  return label === undefined ? undefined : `${addressLabel(host, port)}.${label}.inst.${domain}`;
}

/** Those with different keys. If two have the same, it is the one with the higher weight. */
function distinct(members: readonly Member[], keyOf: (member: Member) => string): Member[] {
  const found = new Map<string, Member>();
  for (const member of members) {
    const key = keyOf(member);
    const other = found.get(key);
    if (!other || other.weight < member.weight) found.set(key, member);
  }
  return [...found.values()];
}
