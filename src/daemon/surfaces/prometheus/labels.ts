/**
 * The labels of a target, all of which begin with `__meta_bender_`: Prometheus drops them after relabelling.
 *
 * A label that would be empty is left out, which means the same to Prometheus.
 */

import { asText } from '../../../model/meta.js';
import type { Meta, Registration } from '../../../model/registration.js';
import type { Callers } from './callers.js';

export type Labels = Record<string, string>;

export function labelsOf(registration: Registration, { backends, frontends }: Callers): Labels {
  const { id, app, version, host, port, ttl, draining, drainReason, drainRule, drainUntil, instance, meta } =
    registration;
  return {
    __meta_bender_id: id,
    __meta_bender_app: app,
    __meta_bender_version: version,
    __meta_bender_host: host,
    __meta_bender_port: String(port),
    __meta_bender_ttl_ms: String(ttl),
    __meta_bender_draining: String(draining),
    ...(drainReason !== undefined && { __meta_bender_drain_reason: drainReason }),
    ...(drainRule !== undefined && { __meta_bender_drain_rule: drainRule }),
    ...(drainUntil !== undefined && { __meta_bender_drain_until: new Date(drainUntil).toISOString() }),
    ...(instance !== undefined && { __meta_bender_instance: instance }),
    ...(backends.length > 0 && { __meta_bender_backends: listed(backends) }),
    ...(frontends.length > 0 && { __meta_bender_frontends: listed(frontends) }),
    ...metaLabels(meta),
  };
}

/** `,a,b,`: so `.*,b,.*` matches one of them, as for the tags of other service discoveries. */
const listed = (names: readonly string[]): string => `,${names.join(',')},`;

const prefix = '__meta_bender_meta_';

/**
 * Metadata as labels. What is not a letter, digit or underscore becomes an underscore, and so does a step into an
 * object. If two names become the same label, the one that is written like it wins, else the first in order.
 */
function metaLabels(meta: Meta): Labels {
  const leaves = [...leavesOf(meta, '')].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const written = leaves.filter(([name]) => name === sanitised(name));
  const labels: Labels = {};
  for (const [name, text] of [...written, ...leaves]) labels[prefix + sanitised(name)] ??= text;
  return labels;
}

/** As Prometheus makes label names for other service discoveries. */
const sanitised = (name: string): string => name.replace(/[^A-Za-z0-9_]/gu, '_');

/** The values with their paths. Lists of plain values are listed; other lists are JSON. */
function* leavesOf(meta: Meta, before: string): Iterable<[name: string, text: string]> {
  for (const [key, value] of Object.entries(meta)) {
    const name = before + key;
    if (Array.isArray(value)) yield [name, value.every(isPlain) ? listed(value.map(String)) : JSON.stringify(value)];
    else if (typeof value === 'object' && value !== null) yield* leavesOf(value as Meta, `${name}.`);
    else if (value !== null) yield [name, asText(value)];
  }
}

const isPlain = (value: unknown): boolean => typeof value !== 'object';
