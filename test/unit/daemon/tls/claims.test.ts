import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Issued } from '../../../../src/cli/ca/certificates.js';
import type { Log } from '../../../../src/daemon/core/log.js';
import { Claims } from '../../../../src/daemon/tls/claims.js';
import type { Material } from '../../../../src/daemon/tls/material.js';
import { TestAuthority } from '../../../helpers/authority.js';
import { type Line, logOf } from '../../../helpers/log.js';
import { asRunId } from '../../../helpers/samples.js';

const dayMs = 24 * 60 * 60 * 1000;
const [run, otherRun] = [asRunId('r'.repeat(22)), asRunId('s'.repeat(22))];

let authority: TestAuthority;
let other: TestAuthority;
let one: Material;
let two: Material;
beforeAll(async () => {
  [authority, other] = await Promise.all([TestAuthority.make(), TestAuthority.make()]);
  [one, two] = await Promise.all([authority.materialOf('one'), authority.materialOf('two')]);
});

let logged: Line[];
let log: Log;
beforeEach(() => {
  logged = [];
  log = logOf((line) => void logged.push(line));
});
const claimsOf = (material: Material, now?: number): Claims =>
  new Claims(() => material, log, now === undefined ? undefined : () => now);
const withCertificate = async (issued: Promise<Issued>): Promise<Material> => {
  const { certificate, key } = await issued;
  return { ...two, cert: certificate, key };
};

it('a claim proves a name and a run id to every daemon of the CA, and stays the same', () => {
  const claims = claimsOf(two);
  const claim = claims.claim('two', run);
  expect(claims.claim('two', run)).toBe(claim);
  expect(claimsOf(one).isProven({ name: 'two', runId: run, claim })).toBe(true);
  expect(logged).toEqual([]);
});

it.each<[string, () => Promise<{ name?: string; runId?: typeof run; claim: string | undefined }>]>([
  ['there is none', async () => ({ claim: undefined })],
  ['it is for another run', async () => ({ claim: claimsOf(two).claim('two', otherRun) })],
  ['it is of another daemon', async () => ({ claim: claimsOf(one).claim('two', run) })],
  ['it signs another name', async () => ({ claim: claimsOf(two).claim('one', run) })],
  ['it is of another CA', async () => ({ claim: claimsOf(await other.materialOf('two')).claim('two', run) })],
  [
    'it is that of a caller',
    async () => ({ claim: claimsOf(await withCertificate(authority.forClient('two'))).claim('two', run) }),
  ],
  [
    'its certificate has expired',
    async () => ({
      claim: claimsOf(await withCertificate(authority.forDaemon('two', 1, Date.now() - 2 * dayMs))).claim('two', run),
    }),
  ],
  ['it is cut off', async () => ({ claim: claimsOf(two).claim('two', run).slice(0, -20) })],
  ['it is no claim', async () => ({ claim: '.,.' })],
  [
    'another certificate is put before it',
    async () => {
      const [, signature] = claimsOf(one).claim('two', run).split('.');
      return { claim: `${claimsOf(two).claim('two', run).split('.')[0]}.${signature}` };
    },
  ],
])('no name is proven if %s, which is said once', async (_, made) => {
  const { claim } = await made();
  const claims = claimsOf(one);
  const owner = { name: 'two', runId: run, ...(claim !== undefined && { claim }) };
  expect([claims.isProven(owner), claims.isProven(owner)]).toEqual([false, false]);
  expect(logged.map(({ message }) => message)).toEqual(['refused an incarnation that has not proven its name']);
});

it('is checked anew when the CA is another one, and made anew when the certificate is', async () => {
  let material = one;
  const claims = new Claims(() => material, log);
  const claim = claimsOf(two).claim('two', run);
  const own = claims.claim('one', run);
  expect(claims.isProven({ name: 'two', runId: run, claim })).toBe(true);
  material = await other.materialOf('one');
  expect(claims.isProven({ name: 'two', runId: run, claim })).toBe(false);
  expect(claims.claim('one', run)).not.toBe(own);
  material = { ...one, ca: one.ca! + other.certificate };
  expect(claims.isProven({ name: 'two', runId: run, claim })).toBe(true);
});
