/** Look-ups, serialised once per change of what they answer. */

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
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
  answer(query: Query, { 'if-none-match': known }: IncomingHttpHeaders): Answer {
    const { body, etag } = this.#find(query);
    const headers = { etag };
    return known !== undefined && names(known, etag)
      ? { status: 304, headers }
      : { status: 200, headers, body };
  }

  #find(query: Query): Listing {
    const key = keyOf(query);
    const stamp = this.registry.stamp(query);
    const cached = this.#cache.get(key);
    if (cached?.stamp === stamp) return cached;
    this.#drop(key);
    const body = new Content(JSON.stringify(this.registry.registrations(query)));
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
const keyOf = ({ app, version, draining, meta }: Query): string =>
  `${app?.length}:${app}/${version?.length}:${version}/${draining}/${meta ? JSON.stringify(meta) : ''}`;

/** Whether an If-None-Match header names `etag`; a weak tag names it too, as RFC 9110 has it. */
const names = (header: string, etag: string): boolean =>
  header.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
