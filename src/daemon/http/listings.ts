/** Look-ups of registrations, made once per change of what they answer. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Target } from '../../model/catalog.js';
import { matchesMeta } from '../../model/meta-filter.js';
import type { Registration } from '../../model/registration.js';
import { resolveTarget } from '../../model/targets.js';
import type { Weighted } from '../../model/weights.js';
import type { Group, Query, Registry } from '../core/registry.js';
import { Contents, type Fragment, fragmentOf, joined, type Made } from './contents.js';
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
    private readonly registry: Pick<Registry, 'registrations' | 'groups' | 'registrationsIn' | 'stamp'>,
    private readonly contents = new Contents(),
  ) {}

  /** 200 with the registrations, or 304 to a client that has them. */
  answer(query: Query, headers: IncomingHttpHeaders): Answer | Promise<Answer> {
    return this.#answer(keyOf(query), query, () => this.#make(query), headers);
  }

  /** The same for what callers of a backend may be sent to, with their weights. */
  answerTarget(target: Target, headers: IncomingHttpHeaders): Answer | Promise<Answer> {
    const { app, version, split } = target;
    const query = { app, ...(version !== undefined && { version }) };
    const key = `${keyOf(query)}${split ? JSON.stringify(split) : 'weighed'}`;
    const make = () => fragmentOf(resolveTarget(target, this.registry.registrations(query)), isWanted);
    return this.#answer(key, query, make, headers);
  }

  /**
   * The registrations of an app, or all, that `isMeant` lets through, as JSON without the brackets. They are all of the
   * moment of the call.
   */
  fragmentsOf(query: Query, isMeant?: (registration: Registration) => boolean): Sliced<Fragment> {
    const groups = this.registry.groups(query).map((group) => this.#fragment(group, isMeant));
    return (function* () {
      const parts: Fragment[] = [];
      for (const [index, group] of groups.entries()) {
        parts.push('json' in group ? group : yield* group.make());
        if (index % groupsAtOnce === 0) yield;
      }
      return joined(parts);
    })();
  }

  #answer(
    key: string,
    query: Query,
    make: () => Sliced<Fragment>,
    { 'if-none-match': known }: IncomingHttpHeaders,
  ): Answer | Promise<Answer> {
    const found = this.contents.find(key, this.registry.stamp(query), make);
    const toAnswer = ({ body, etag }: Made): Answer =>
      known !== undefined && names(known, etag)
        ? { status: 304, headers: { etag } }
        : { status: 200, headers: { etag }, body };
    return found instanceof Promise ? found.then(toAnswer) : toAnswer(found);
  }

  /** What one app version says is kept as the listing itself, and not once more as a part. */
  #make(query: Query): Sliced<Fragment> {
    const { meta } = query;
    if (meta) return this.fragmentsOf(query, (registration) => matchesMeta(registration.meta, meta));
    const groups = this.registry.groups(query);
    return groups.length === 1
      ? fragmentOf(this.registry.registrationsIn(groups[0]!))
      : this.fragmentsOf(query);
  }

  /** What one app version says; or, if it is not known yet, how to make it from what it is now. */
  #fragment(
    group: Group,
    isMeant: ((registration: Registration) => boolean) | undefined,
  ): Fragment | { make: () => Sliced<Fragment> } {
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

/** App versions that are looked at without a pause. */
const groupsAtOnce = 50;

/** One string for all of it; with the lengths, no part can make it look like another query's. */
const keyOf = ({ app, version, meta }: Query): string =>
  `${app?.length}:${app}/${version?.length}:${version}/${meta ? JSON.stringify(meta) : ''}`;

const isWanted = ({ weight }: Weighted): boolean => weight > 0;

/** Whether an If-None-Match header names `etag`; a weak tag names it too, as RFC 9110 has it. */
const names = (header: string, etag: string): boolean =>
  header.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
