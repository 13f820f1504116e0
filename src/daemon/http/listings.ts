/** Look-ups, serialised once per change of what they answer. */

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Target } from '../../model/catalog.js';
import type { Registration } from '../../model/registration.js';
import type { Weighted } from '../../model/weights.js';
import { resolveTarget } from '../../model/targets.js';
import type { Group, Query, Registry } from '../core/registry.js';
import { Content } from './content.js';
import type { Answer } from './route.js';

interface Listing {
  stamp: string;
  body: Content;
  etag: string;
}

/** Registrations as they stand in a listing: JSON without the brackets, and what names it. */
interface Fragment {
  json: string;
  digest: string;
}

/**
 * Invariant: no listing is answered whose stamp is not the registry's present one for its query. The cache
 * is bounded by bytes, since anyone may ask for any version range; the query asked first goes first.
 *
 * The ETag is a digest of the content rather than the stamp, so that it holds at every daemon that answers the
 * same, and clients that rotate over daemons get their 304. A long listing is put together of its app versions, of
 * which mostly one has changed.
 */
export class Listings {
  readonly #cache = new Map<string, Listing>();
  #bytes = 0;
  /** What each app version looked like when it was last part of a longer listing: no more than is online. */
  readonly #fragments = new WeakMap<Group, Fragment & { stamp: number }>();

  constructor(
    private readonly registry: Pick<Registry, 'registrations' | 'groups' | 'registrationsIn' | 'stamp'>,
    private readonly maxBytes = 64 * 1024 * 1024,
  ) {}

  /** 200 with the registrations, or 304 to a client that has them. */
  answer(query: Query, headers: IncomingHttpHeaders): Answer {
    const make = query.meta
      ? () => fragmentOf(this.registry.registrations(query))
      : () => this.#gather(this.registry.groups(query));
    return this.#answer(keyOf(query), query, make, headers);
  }

  /** The same for what callers of a backend may be sent to, with their weights. */
  answerTarget(target: Target, headers: IncomingHttpHeaders): Answer {
    const { app, version, split } = target;
    const query = { app, ...(version !== undefined && { version }) };
    const key = `${keyOf(query)}${split ? JSON.stringify(split) : 'weighed'}`;
    const make = () => fragmentOf(resolveTarget(target, this.registry.registrations(query)).filter(isWanted));
    return this.#answer(key, query, make, headers);
  }

  #answer(
    key: string,
    query: Query,
    make: () => Fragment,
    { 'if-none-match': known }: IncomingHttpHeaders,
  ): Answer {
    const { body, etag } = this.#find(key, query, make);
    const headers = { etag };
    return known !== undefined && names(known, etag)
      ? { status: 304, headers }
      : { status: 200, headers, body };
  }

  #find(key: string, query: Query, make: () => Fragment): Listing {
    const stamp = this.registry.stamp(query);
    const cached = this.#cache.get(key);
    if (cached?.stamp === stamp) return cached;
    this.#drop(key);
    const { json, digest } = make();
    const listing = { stamp, body: new Content(`[${json}]`), etag: `"${digest}"` };
    this.#keep(key, listing);
    return listing;
  }

  /** What one app version says is kept as the listing itself, and not once more as a part. */
  #gather(groups: readonly Group[]): Fragment {
    return groups.length === 1
      ? fragmentOf(this.registry.registrationsIn(groups[0]!))
      : joined(groups.map((group) => this.#fragment(group)));
  }

  #fragment(group: Group): Fragment {
    const kept = this.#fragments.get(group);
    if (kept?.stamp === group.stamp) return kept;
    const fragment = { stamp: group.stamp, ...fragmentOf(this.registry.registrationsIn(group)) };
    this.#fragments.set(group, fragment);
    return fragment;
  }

  #keep(key: string, listing: Listing): void {
    this.#cache.set(key, listing);
    this.#bytes += sizeOf(key, listing);
    for (const oldest of this.#cache.keys()) {
      if (this.#bytes <= this.maxBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const listing = this.#cache.get(key);
    if (listing) this.#bytes -= sizeOf(key, listing);
    this.#cache.delete(key);
  }
}

function fragmentOf(registrations: readonly Registration[]): Fragment {
  const json = registrations.map((one) => JSON.stringify(one)).join();
  return { json, digest: digestOf(json) };
}

/** The digest is one of the parts' digests, which is as good and takes no look at all of it. */
function joined(parts: readonly Fragment[]): Fragment {
  const json = parts.map((part) => part.json).join();
  return { json, digest: digestOf(parts.map(({ digest }) => digest).join()) };
}

const digestOf = (text: string): string => createHash('sha1').update(text).digest('base64url');

/** Bytes, about: an empty listing takes room too, and anyone may ask for any number of them. */
const sizeOf = (key: string, { body }: Listing): number => body.length + key.length + 200;

/** One string for all of it; with the lengths, no part can make it look like another query's. */
const keyOf = ({ app, version, meta }: Query): string =>
  `${app?.length}:${app}/${version?.length}:${version}/${meta ? JSON.stringify(meta) : ''}`;

const isWanted = ({ weight }: Weighted): boolean => weight > 0;

/** Whether an If-None-Match header names `etag`; a weak tag names it too, as RFC 9110 has it. */
const names = (header: string, etag: string): boolean =>
  header.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
