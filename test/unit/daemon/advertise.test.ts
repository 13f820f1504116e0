import { expect, it } from '@jest/globals';
import { advertisedUrl } from '../../../src/daemon/advertise.js';
import { outwardAddress } from '../../../src/model/outward-address.js';
import { hostPort } from '../../../src/model/registration.js';

it.each([
  ['127.0.0.1', 'http://127.0.0.1:1729'],
  ['::1', 'http://[::1]:1729'],
  ['registry.example', 'http://registry.example:1729'],
  ['0.0.0.0', `http://${hostPort({ host: await outwardAddress(), port: 1729 })}`],
  ['::', `http://${hostPort({ host: await outwardAddress(), port: 1729 })}`],
])('listening on %s is advertised as %s', async (host, url) => {
  expect(await advertisedUrl(host, 1729)).toBe(url);
});
