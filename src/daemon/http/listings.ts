/** Look-ups, serialised once per change of what they answer. */

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Target } from '../../model/catalog.js';
import type { Registration } from '../../model/registration.js';
import type { Weighted } from '../../model/weights.js';
import { resolveTarget } from '../../model/targets.js';
import type { Query, Registry } from '../core/registry.js';
import { Content } from './content.js';
import type { Answer } from './route.js';

interface Listing {
  stamp: string;
  body: Content;
  etag: string;
}

/**
 * Invariant: no listing is answered whose stamp is not the registry's present one for its query. The cache
 * is bounded by bytes, since anyone may ask for any version range; the query asked first goes first.
 *
 * The ETag is a digest of the body rather than the stamp, so that it holds at every daemon that answers the
 * same, and clients that rotate over daemons get their 304.
 */
export class Listings {
  readonly #cache = new Map<string, Listing>();
  #bytes = 0;

  constructor(
    private readonly registry: Pick<Registry, 'registrations' | 'stamp'>,
    private readonly maxBytes = 64 * 1024 * 1024,
  ) {}

  /** 200 with the registrations, or 304 to a client that has them. */
  answer(query: Query, headers: IncomingHttpHeaders): Answer {
    return this.#answer(keyOf(query), query, (registrations) => registrations, headers);
  }

  /** The same for what callers of a backend may be sent to, with their weights. */
  answerTarget(target: Target, headers: IncomingHttpHeaders): Answer {
    const { app, version, split } = target;
    const query = { app, ...(version !== undefined && { version }) };
    const key = `${keyOf(query)}${split ? JSON.stringify(split) : 'weighed'}`;
    return this.#answer(key, query, (found) => resolveTarget(target, found).filter(isWanted), headers);
  }

  #answer(
    key: string,
    query: Query,
    make: (registrations: Registration[]) => Registration[],
    { 'if-none-match': known }: IncomingHttpHeaders,
  ): Answer {
    const { body, etag } = this.#find(key, query, make);
    const headers = { etag };
    return known !== undefined && names(known, etag)
      ? { status: 304, headers }
      : { status: 200, headers, body };
  }

  #find(key: string, query: Query, make: (registrations: Registration[]) => Registration[]): Listing {
    const stamp = this.registry.stamp(query);
    const cached = this.#cache.get(key);
    if (cached?.stamp === stamp) return cached;
    this.#drop(key);
    const body = new Content(JSON.stringify(make(this.registry.registrations(query))));
    const etag = `"${createHash('sha1').update(body.data).digest('base64url')}"`;
    const listing = { stamp, body, etag };
    this.#keep(key, listing);
    return listing;
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

/** Bytes, about: an empty listing takes room too, and anyone may ask for any number of them. */
const sizeOf = (key: string, { body }: Listing): number => body.length + key.length + 200;

/** One string for all of it; with the lengths, no part can make it look like another query's. */
const keyOf = ({ app, version, meta }: Query): string =>
  `${app?.length}:${app}/${version?.length}:${version}/${meta ? JSON.stringify(meta) : ''}`;

const isWanted = ({ weight }: Weighted): boolean => weight > 0;

/** Whether an If-None-Match header names `etag`; a weak tag names it too, as RFC 9110 has it. */
const names = (header: string, etag: string): boolean =>
  header.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
