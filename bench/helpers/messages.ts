/** The requests that benchmarks are made of, by the number of the instance. */

import { appOf, idOf, keyOf, longTtl, perVersion } from './instances.js';
import type { Message } from './requests.js';

export const renew = (index: number): Message => ({
  method: 'PUT',
  path: `/registrations/${idOf(index)}/lease`,
});

/** As clients of 0.2.1 do: registers or renews. */
export const renewOld = (index: number): Message => ({
  method: 'POST',
  path: `/registrations/${idOf(index)}`,
});

export const renewAll = (indexes: readonly number[]): Message => ({
  method: 'POST',
  path: '/renewals',
  body: JSON.stringify({ ids: indexes.map(idOf) }),
});

export const registerByPath = (index: number): Message => ({
  method: 'POST',
  path: `/registrations/${idOf(index)}`,
  body: JSON.stringify({ ttl: longTtl }),
});

export const registerByBody = (index: number): Message => ({
  method: 'POST',
  path: '/registrations',
  body: JSON.stringify({ ...keyOf(index), ttl: longTtl }),
});

/** The instances of the app version to which this one belongs. */
export const look = (index: number): Message => ({
  method: 'GET',
  path: `/registrations/${appOf(index)}/1.0.0`,
});

/** As long as the daemon's answer to {@link look}. */
export const preparedBody = JSON.stringify(
  Array.from({ length: perVersion }, (_, index) => ({
    resource: 'Registration',
    id: idOf(index),
    ...keyOf(index),
    ttl: longTtl,
    meta: {},
    draining: false,
    registered: 1_767_225_600_000,
  })),
);
