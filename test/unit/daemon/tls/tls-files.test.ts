import { afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Issued } from '../../../../src/cli/ca/certificates.js';
import type { Settings } from '../../../../src/daemon/settings.js';
import { DaemonTls } from '../../../../src/daemon/tls/daemon-tls.js';
import { TlsFiles } from '../../../../src/daemon/tls/tls-files.js';
import { TestAuthority } from '../../../helpers/authority.js';
import { eventually } from '../../../helpers/eventually.js';
import { type Line, logOf } from '../../../helpers/log.js';

let authority: TestAuthority;
let one: Issued;
beforeAll(async () => {
  authority = await TestAuthority.make();
  one = await authority.forDaemon('one');
});

let folder: string;
let plan: { cert: string; key: string; ca: string; clientAuth: 'request' };
let files: TlsFiles | undefined;
let logged: Line[];
let log: ReturnType<typeof logOf>;
const told = (level: Line['level']) => logged.filter((line) => line.level === level).map(({ message }) => message);

beforeEach(async () => {
  logged = [];
  log = logOf((line) => void logged.push(line));
  folder = await mkdtemp(join(tmpdir(), 'bender-tls-'));
  const path = (name: string): string => join(folder, `${name}.pem`);
  plan = { cert: path('cert'), key: path('key'), ca: path('ca'), clientAuth: 'request' };
  await write(one);
  await writeFile(plan.ca, authority.certificate);
});
afterEach(async () => {
  files?.close();
  await rm(folder, { recursive: true });
});

async function write({ certificate, key }: Issued): Promise<void> {
  await writeFile(plan.key, key, { mode: 0o600 });
  await writeFile(plan.cert, certificate);
}

it('takes a certificate that is replaced, once its key is there too', async () => {
  const seen: string[] = [];
  files = await TlsFiles.open(plan, log);
  files.onChange = ({ cert }) => void seen.push(cert);
  const next = await authority.forDaemon('one');
  await writeFile(plan.key, next.key);
  await files.reload();
  expect([files.material.cert, files.material.key]).toEqual([one.certificate, one.key]);
  expect(logged.at(-1)).toMatchObject({
    level: 'error',
    message: 'cannot use the new files of TLS: certificate, key and CA stay as they were',
    fields: { reason: `the key in ${plan.key} is not that of the certificate in ${plan.cert}` },
  });
  await writeFile(plan.cert, next.certificate);
  await eventually(() => files!.material.cert === next.certificate);
  expect([files.material.key, seen]).toEqual([next.key, [next.certificate]]);
  expect(logged.at(-1)!.message).toBe('the files of TLS can be used again');
});

it.each([
  ['an empty certificate', async () => writeFile(plan.cert, ''), /no certificate \(PEM\) in .*cert\.pem/],
  [
    'a damaged CA',
    async () => writeFile(plan.ca, authority.certificate.replace('MII', 'MMM')),
    /ca\.pem cannot be read/,
  ],
  ['a CA that is gone', async () => rm(plan.ca), /ca\.pem cannot be read: ENOENT/],
  ['a key that is none', async () => writeFile(plan.key, 's3cret'), /no private key .* in .*key\.pem/],
  [
    'another daemon',
    async () => write(await authority.forDaemon('two')),
    /names the daemon 'two', and no longer 'one'/,
  ],
  ['a caller', async () => write(await authority.forClient('one')), /is one of a caller/],
  [
    'more certificates than peers take',
    async () => {
      const more = await Promise.all(['b', 'c', 'd', 'e', 'f'].map((name) => authority.forDaemon(name)));
      await writeFile(plan.cert, [one, ...more].map(({ certificate }) => certificate).join(''));
    },
    /more than 5 certificates/,
  ],
])('keeps what it has in the face of %s, and shows nothing of it', async (_, damage, reason) => {
  files = await TlsFiles.open(plan, log);
  await damage();
  await files.reload();
  expect(files.material.cert).toBe(one.certificate);
  expect(logged.at(-1)!.fields).toMatchObject({ reason: expect.stringMatching(reason) });
  expect(JSON.stringify(logged)).not.toMatch(/s3cret/);
});

it('tells of a new CA, and of no other change, so that what relied on the old one ends', async () => {
  const told = jest.fn();
  const settings = { 'tls-cert': plan.cert, 'tls-key': plan.key, 'tls-ca': plan.ca, peer: [] as string[] } as Settings;
  const tls = (await DaemonTls.open(settings, log))!;
  files = tls.files;
  tls.onNewCa = told;
  tls.renew();
  await write(await authority.forDaemon('one'));
  await tls.files.reload();
  expect(told).not.toHaveBeenCalled();
  await writeFile(plan.ca, authority.certificate + (await TestAuthority.make()).certificate);
  await tls.files.reload();
  await tls.files.reload();
  expect(told).toHaveBeenCalledTimes(1);
});

it('does not start with what it cannot use', async () => {
  await writeFile(plan.key, (await authority.forDaemon('one')).key);
  await expect(TlsFiles.open(plan, log)).rejects.toThrow(/is not that of the certificate/);
});

it.each([
  [15, []],
  [13, ['a certificate expires in less than 14 days: replace it']],
])('warns 14 days before a certificate expires: %i days', async (days, warnings) => {
  files = await TlsFiles.open(plan, log, () => one.expires - days * 24 * 60 * 60 * 1000);
  expect(told('warn')).toEqual(warnings);
});

it('says that a certificate has expired, and that others may read the key', async () => {
  await chmod(plan.key, 0o644);
  files = await TlsFiles.open(plan, log, () => one.expires);
  expect([told('error'), told('warn')]).toEqual([
    ['a certificate has expired: clients and peers refuse it'],
    ['the private key of TLS may be read by other users'],
  ]);
});
