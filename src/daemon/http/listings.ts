/** Look-ups of registrations, made once per change of their result. */

import type { IncomingHttpHeaders } from 'node:http';
import type { WeightedTarget } from '../../model/catalog.js';
import { matchesMeta } from '../../model/meta-filter.js';
import { type Near, nearKey } from '../../model/near.js';
import type { ListedState, Registration } from '../../model/registration.js';
import { targetMatcher } from '../../model/targets.js';
import type { Group, Query, Registry } from '../core/registry.js';
import { arrayOf, Contents, type Fragment, fragmentOf, joined } from './contents.js';
import { madeAnswer } from './made-answer.js';
import { partedMembersOf, weigherOf } from './members.js';
import type { Answer } from './route.js';
import type { Sliced } from './slices.js';

/**
 * The ETag is a digest of the content rather than the stamp, so that it holds at every daemon that answers the
 * same, and clients that rotate over daemons get their 304. A long listing is put together of its app versions, of
 * which mostly one has changed.
 */
export class Listings {
  /** What each app version looked like when it was last part of a longer listing: no more than is online. */
  readonly #fragments = new WeakMap<Group, Fragment & { stamp: number }>();

  constructor(
    private readonly registry: Pick<
      Registry,
      'available' | 'fresh' | 'groups' | 'registrationsIn' | 'stamp' | 'unhealthyGroups' | 'unhealthyStamp'
    >,
    private readonly contents = new Contents(),
  ) {}

  /** 200 with the registrations, or 304 to a client that has them. */
  answer(query: Query, headers: IncomingHttpHeaders, state: ListedState = 'online'): Answer | Promise<Answer> {
    const { registry } = this;
    if (state === 'online') {
      const make = (): Sliced<Fragment> => this.#make(query, registry.groups(query));
      return this.#answer(keyOf(query), registry.stamp(query), make, headers);
    }
    const make = (): Sliced<Fragment> => this.#make(query, registry.unhealthyGroups(query));
    return this.#answer(`unhealthy ${keyOf(query)}`, registry.unhealthyStamp(query), make, headers);
  }

  /** The same for the registrations of a backend, with weights. `near`: those that are near, if there are enough. */
  answerTarget(target: WeightedTarget, headers: IncomingHttpHeaders, near?: Near): Answer | Promise<Answer> {
    const { app, version, split, warmupMs } = target;
    const query = { app, ...(version !== undefined && { version }) };
    const key = `${keyOf(query)}${split ? JSON.stringify(split) : 'weighed'}${warmupMs}${nearKey(near)}`;
    const make = () => (near ? this.#makeNear(target, near) : this.#makeTarget(target, query));
    return this.#answer(key, this.registry.stamp(query), make, headers);
  }

  /**
   * The registrations of an app, or all, that `isMeant` lets through, as JSON without the brackets. They are all of the
   * moment of the call.
   */
  fragmentsOf(query: Query, isMeant?: (registration: Registration) => boolean): Sliced<Fragment> {
    return this.#fragmentsOf(this.registry.groups(query), isMeant);
  }

  #fragmentsOf(groups: readonly Group[], isMeant?: (registration: Registration) => boolean): Sliced<Fragment> {
    return gathered(groups.map((group) => this.#fragment(group, isMeant)));
  }

  #answer(
    key: string,
    stamp: string,
    make: () => Sliced<Fragment>,
    headers: IncomingHttpHeaders,
  ): Answer | Promise<Answer> {
    const found = this.contents.find(key, stamp, () => arrayOf(make()));
    return madeAnswer(found, headers);
  }

  /** What one app version says is kept as the listing itself, and not once more as a part. */
  #make({ meta }: Query, groups: readonly Group[]): Sliced<Fragment> {
    if (meta) return this.#fragmentsOf(groups, (registration) => matchesMeta(registration.meta, meta));
    return groups.length === 1 ? fragmentOf(this.registry.registrationsIn(groups[0]!)) : this.#fragmentsOf(groups);
  }

  #makeTarget(target: WeightedTarget, query: Query): Sliced<Fragment> {
    const matches = targetMatcher(target);
    const weighed = weigherOf(this.registry, target);
    const parts = this.registry.groups(query).map((group) => {
      const registrations = this.registry.registrationsIn(group);
      const wanted = function* () {
        for (const registration of registrations) {
          const one = matches(registration) ? weighed(registration) : undefined;
          if (one && one.weight > 0) yield one;
        }
      };
      return { make: () => fragmentOf(wanted()) };
    });
    return gathered(parts);
  }

  *#makeNear(target: WeightedTarget, near: Near): Sliced<Fragment> {
    const { served } = yield* partedMembersOf(this.registry, target, near);
    return yield* fragmentOf(served, ({ weight }) => weight > 0);
  }

  /** What one app version says; or, if it is not known yet, how to make it from what it is now. */
  #fragment(group: Group, isMeant: ((registration: Registration) => boolean) | undefined): Part {
    const kept = isMeant ? undefined : this.#fragments.get(group);
    const { stamp } = group;
    if (kept?.stamp === stamp) return kept;
    const registrations = this.registry.registrationsIn(group);
    const remember = (fragment: Fragment): Fragment => {
      if (!isMeant) this.#fragments.set(group, { stamp, ...fragment });
      return fragment;
    };
    return {
      make: function* () {
        return remember(yield* fragmentOf(registrations, isMeant));
      },
    };
  }
}

/** A fragment, or how to make it. */
type Part = Fragment | { make: () => Sliced<Fragment> };

/** App versions that are looked at without a pause. */
const groupsAtOnce = 50;

function* gathered(parts: readonly Part[]): Sliced<Fragment> {
  const fragments: Fragment[] = [];
  for (const [index, part] of parts.entries()) {
    fragments.push('pieces' in part ? part : yield* part.make());
    if (index % groupsAtOnce === 0) yield;
  }
  return joined(fragments);
}

/** One string for all of it; with the lengths, no part can make it look like another query's. */
const keyOf = ({ app, version, meta }: Query): string =>
  `${app?.length}:${app}/${version?.length}:${version}/${meta ? JSON.stringify(meta) : ''}`;
