import { expect, it } from '@jest/globals';
import { tlsPlan } from '../../../../src/daemon/tls/tls-settings.js';

const none = {
  'tls-cert': undefined,
  'tls-key': undefined,
  'tls-ca': undefined,
  'tls-client-auth': undefined,
  advertise: undefined,
  peer: [] as string[],
  'peer-listen': undefined as { host: string; port: number } | undefined,
  'peer-advertise': undefined as string | undefined,
};
const [own, all] = [
  { ...none, 'tls-cert': 'c', 'tls-key': 'k' },
  { ...none, 'tls-cert': 'c', 'tls-key': 'k', 'tls-ca': 'a' },
];

it('asks nobody for a certificate without a CA, and those that have one with it', () => {
  expect(tlsPlan(none)).toBeUndefined();
  expect(tlsPlan(own)).toEqual({ cert: 'c', key: 'k', ca: undefined, clientAuth: 'none' });
  expect(tlsPlan(all)).toEqual({ cert: 'c', key: 'k', ca: 'a', clientAuth: 'request' });
  expect(tlsPlan({ ...all, 'tls-client-auth': 'require' })?.clientAuth).toBe('require');
});

it('asks no client for a certificate where peers have a port of their own', () => {
  const own = { ...all, 'peer-listen': { host: '10.0.0.5', port: 1730 } };
  expect(tlsPlan(own)?.clientAuth).toBe('none');
  expect(tlsPlan({ ...own, 'tls-client-auth': 'none' })?.clientAuth).toBe('none');
  expect(() => tlsPlan({ ...own, 'peer-advertise': 'http://10.0.0.5:1730' })).toThrow(/begin with https:/);
});

it.each([
  ['a certificate without its key', { ...none, 'tls-cert': 'c' }, /--tls-cert needs --tls-key/],
  ['a key alone', { ...none, 'tls-key': 'k' }, /--tls-key needs --tls-cert/],
  ['a CA alone', { ...none, 'tls-ca': 'a' }, /--tls-ca needs --tls-cert/],
  ['certificates of clients alone', { ...none, 'tls-client-auth': 'require' as const }, /needs --tls-cert/],
  ['certificates of no CA', { ...own, 'tls-client-auth': 'request' as const }, /request needs --tls-ca/],
  [
    'a CA that nobody is asked about',
    { ...all, 'tls-client-auth': 'none' as const },
    /none goes with --tls-ca if --peer-listen/,
  ],
  ['a URL without TLS for itself', { ...own, advertise: 'http://10.0.0.5:1729' }, /begin with https:.*10\.0\.0\.5/],
  ['a URL without TLS for peers', { ...all, peer: ['https://a', 'http://b'] }, /begin with https:.*http:\/\/b/],
])('refuses %s', (_, settings, message) => {
  expect(() => tlsPlan(settings)).toThrow(message);
});

it('calls peers without TLS where there is no CA that they could be of', () => {
  expect(tlsPlan({ ...own, peer: ['http://b'] })).toBeDefined();
});
