/** How instances are written into stores that know keys and values only. */

import { appOf, keyOf } from '../helpers/instances.js';

export const valueOf = (index: number): string => JSON.stringify(keyOf(index));

/** etcd lets clients choose the number of a lease; 0 has it choose one. */
export const leaseOf = (index: number): string => String(index + 1);

/** The keys from the first to before the second are those of the app version to which this instance belongs. */
export const rangeOf = (index: number): [from: Buffer, to: Buffer] => [
  Buffer.from(`${appOf(index)}/1.0.0/`),
  // '0' comes after '/'.
  Buffer.from(`${appOf(index)}/1.0.00`),
];

/** ZooKeeper's nodes: one for each app version, with one below it for each instance. */
export const parentOf = (index: number): string => `/${appOf(index)}:1.0.0`;

export function nodeOf(index: number): string {
  const { host, port } = keyOf(index);
  return `${parentOf(index)}/${host}:${port}`;
}

/**
 * The id of an instance by its node.
 *
 *     idOfNode(nodeOf(7)) === idOf(7)
 */
export const idOfNode = (node: string): string => node.slice(1).replaceAll(':', '/');

/** Redis' own benchmark fills in numbers of twelve digits only. */
export const redisKeyOf = (index: number): string => `instance:${String(index).padStart(12, '0')}`;
