/**
 * Answers to questions, made from the registry once for each of its states.
 *
 * A name exists if it stands for an instance that is online. If there is none, NXDOMAIN says so. Clients act upon that,
 * so a daemon that is unsure answers SERVFAIL.
 */

import type { Registry } from '../../core/registry.js';
import type { Near } from '../../../model/near.js';
import { formatId } from '../../../model/registration.js';
import type { SurfaceCounts } from '../counts.js';
import { isUnsure } from '../surface.js';
import type { RecordSet, Reply } from './message.js';
import { findPool, type FoundPool, type Member } from './pools.js';
import { type Question, rcodes } from './query.js';
import { subjectOf, type Subject, type Pool } from './question.js';
import { addressSet, type MadeSet, srvSet } from './record-sets.js';
import { addressRecord, encodeRecords, type RecordBytes, soaRecord, types } from './records.js';
import { StateCache } from './state-cache.js';

/** IN, the class of the Internet. */
const internet = 1;

/** Records and members that are kept: some 20 MB. */
const mostKept = 100_000;

interface Kept<T> {
  list: readonly T[];
  cost: number;
}

/** An empty list costs nothing: anyone may ask for any number of names. */
const kept = <T>(list: readonly T[]): Kept<T> => ({ list, cost: list.length > 0 ? 1 + list.length : 0 });

/** What a name has; undefined: it does not exist. */
type Holds = ((type: number) => RecordSet) | undefined;

const nothing = (): RecordSet => ({ answers: [], additionals: [], next: 0 });

const only = (wanted: number, record: RecordBytes) => (type: number) =>
  type === wanted ? { ...nothing(), answers: [record] } : nothing();

export class Answers {
  readonly #domain: readonly string[];
  readonly #soa: RecordBytes;
  readonly #members = new StateCache<Kept<Member>>(mostKept);
  /** The versions of each app that are online. */
  readonly #versions = new StateCache<Kept<string>>(mostKept);
  readonly #sets = new StateCache<MadeSet>(mostKept);

  constructor(
    private readonly registry: Registry,
    private readonly domain: string,
    private readonly counts: Pick<SurfaceCounts, 'leftOut'>,
    private readonly near?: Near,
  ) {
    this.#domain = domain.split('.');
    this.#soa = encodeRecords([soaRecord(domain)])[0]!;
  }

  to({ labels, type, class: asked }: Question): Reply {
    const labelsBefore = labels.length - this.#domain.length;
    const isHere = labelsBefore >= 0 && this.#domain.every((label, index) => label === labels[labelsBefore + index]);
    if (!isHere || asked !== internet || type === types.AXFR || type === types.IXFR) return { rcode: rcodes.refused };
    if (isUnsure(this.registry)) return { rcode: rcodes.servFail };
    const subject = subjectOf(labels.slice(0, labelsBefore));
    const holds = subject && this.#holdsOf(subject);
    const records = holds && recordsOf(holds, type);
    return {
      rcode: holds ? rcodes.noError : rcodes.nxDomain,
      isAuthoritative: true,
      ...(records && records.answers.length > 0 ? { records } : { soa: { record: this.#soa, labelsBefore } }),
    };
  }

  #holdsOf(subject: Subject): Holds {
    switch (subject.is) {
      case 'apex':
        return only(types.SOA, this.#soa);
      case 'branch':
        return nothing;
      case 'below':
        return this.#membersOf(subject.pool) && nothing;
      case 'instance':
        return this.#isOnline(subject)
          ? only(subject.host.includes(':') ? types.AAAA : types.A, encodeRecords([addressRecord(subject.host)])[0]!)
          : undefined;
      case 'pool':
        return this.#holdsOfPool(subject);
    }
  }

  #holdsOfPool({ pool, asService }: Subject & { is: 'pool' }): Holds {
    const found = this.#membersOf(pool);
    if (!found) return undefined;
    const { key, stamp, members } = found;
    const set = (name: string, make: () => MadeSet): MadeSet =>
      this.#sets.find(`${name} ${key}`, stamp, () => {
        const made = make();
        for (let left = made.leftOut; left > 0; left--) this.counts.leftOut('dns');
        return made;
      });
    return (type) => {
      if (type === types.SRV)
        return set(`SRV${asService ? ' service' : ''}`, () => srvSet(members, this.domain, asService));
      if (asService) return nothing();
      if (type === types.A) return set('A', () => addressSet(members, 4));
      return type === types.AAAA ? set('AAAA', () => addressSet(members, 6)) : nothing();
    };
  }

  /** Undefined if the pool is empty. */
  #membersOf(pool: Pool): (Omit<FoundPool, 'members'> & { members: readonly Member[] }) | undefined {
    const found = findPool(this.registry, pool, this.near);
    if (!found) return undefined;
    const { key, stamp, members } = found;
    const { list } = this.#members.find(key, stamp, () => kept(members()));
    return list.length > 0 ? { key, stamp, members: list } : undefined;
  }

  #isOnline({ app, host, port }: Subject & { is: 'instance' }): boolean {
    const { list } = this.#versions.find(app, this.registry.stamp({ app }), () =>
      kept([...this.registry.available(app).keys()]),
    );
    return list.some((version) => this.registry.registration(formatId({ app, version, host, port })) !== undefined);
  }
}

/** A set of the type; for ANY the first one that there is (RFC 8482). */
function recordsOf(holds: NonNullable<Holds>, type: number): RecordSet {
  if (type !== types.ANY) return holds(type);
  for (const one of [types.SOA, types.SRV, types.A, types.AAAA]) {
    const set = holds(one);
    if (set.answers.length > 0) return set;
  }
  return nothing();
}
