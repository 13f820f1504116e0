/** Makes a DiscoveryResponse, whose version is the digest of its resources. */

import { type Fragment, joined, type Made, madeOf } from '../../http/contents.js';
import type { Sliced } from '../../http/slices.js';

const types = {
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
} as const;

export type Kind = keyof typeof types;

/** The JSON of a resource behind its type, which comes first. */
export const typed = (kind: Kind): string => `{"@type":"${types[kind]}",`;

/** @param resources  as JSON, in the order in which they are sent */
export function* discoveryResponse(kind: Kind, resources: readonly Sliced<Fragment>[]): Sliced<Made> {
  const fragments: Fragment[] = [];
  for (const one of resources) {
    fragments.push(yield* one);
    yield;
  }
  const list = joined(fragments);
  const version = JSON.stringify(list.digest);
  return yield* madeOf(list, `{"version_info":${version},"resources":[`, `],"type_url":"${types[kind]}"}`);
}
