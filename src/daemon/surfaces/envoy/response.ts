/** Makes a DiscoveryResponse, whose version is the digest of its resources. */

import { Content } from '../../http/content.js';
import { type Made, whole } from '../../http/contents.js';
import type { Sliced } from '../../http/slices.js';

const types = {
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
} as const;

/** @param resources  in the order in which they are sent; a generator makes one in steps */
export function* discoveryResponse(
  kind: keyof typeof types,
  resources: readonly (object | Sliced<object>)[],
): Sliced<Made> {
  const texts: string[] = [];
  for (const one of resources) {
    const resource = Symbol.iterator in one ? yield* one : one;
    texts.push(JSON.stringify({ '@type': types[kind], ...resource }));
    yield;
  }
  const list = `[${texts.join()}]`;
  const { etag } = whole(list);
  // An ETag is the version in quotes.
  return { etag, body: new Content(`{"version_info":${etag},"resources":${list},"type_url":"${types[kind]}"}`) };
}
