/** Reads a DiscoveryRequest: https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto. */

import type { IncomingHttpHeaders } from 'node:http';
import * as v from 'valibot';
import { InvalidError } from '../../../model/errors.js';
import { isObject } from '../../../model/json.js';
import { limits } from '../../../model/limits.js';
import { parseJson } from '../../http/body.js';

/**
 * Clusters in one request: each may have as many endpoints as there are instances. Envoy asks for each by itself.
 */
const mostNames = 16;

/** proto3 JSON takes both spellings of a name. */
const names = v.optional(v.pipe(v.array(v.string()), v.maxLength(mostNames)));
const version = v.optional(v.string());
/** Kilobytes about what Envoy can do: only its zone is looked at. */
const node = v.optional(v.unknown());
const shape = v.object({
  node,
  resource_names: names,
  resourceNames: names,
  version_info: version,
  versionInfo: version,
});

const notOne = 'the body must be a DiscoveryRequest, as JSON';

export interface DiscoveryRequest {
  /** The clusters that are asked for, each once. */
  names: string[];
  /** Where the client is, if it says so. */
  zone: string | undefined;
  /** The version that the client has, as a client of HTTP says it. */
  headers: IncomingHttpHeaders;
}

/** Throws InvalidError. */
export function requestIn(body: unknown): DiscoveryRequest {
  const message = Buffer.isBuffer(body) ? parseJson(body) : {};
  // Valibot accepts an array as an object.
  if (Array.isArray(message)) throw new InvalidError(notOne);
  const result = v.safeParse(shape, message);
  if (!result.success) {
    const field = v.getDotPath(result.issues[0]);
    throw new InvalidError(field === null ? notOne : `'${field}' is not as in a DiscoveryRequest`);
  }
  const { resource_names, resourceNames = [], version_info, versionInfo, node } = result.output;
  const known = version_info ?? versionInfo ?? '';
  return {
    names: [...new Set(resource_names ?? resourceNames)],
    zone: zoneOf(node),
    headers: /^[\w-]+$/.test(known) ? { 'if-none-match': `"${known}"` } : {},
  };
}

/** The zone in its locality. What cannot be the value of metadata is none. */
function zoneOf(node: unknown): string | undefined {
  const locality = isObject(node) ? node.locality : undefined;
  const zone = isObject(locality) ? locality.zone : undefined;
  return typeof zone === 'string' && zone !== '' && zone.length <= limits.metaBytes ? zone : undefined;
}
