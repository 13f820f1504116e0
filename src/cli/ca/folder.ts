/** The folder of a CA and its certificates. Private keys are readable by their owner only. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { followLinks, readIfThere, replaceFile } from '../../files/atomic-file.js';
import { ConflictError, NotFoundError } from '../../model/errors.js';
import { Flags } from '../oclif.js';
import type { Issued } from './certificates.js';

export const dirFlag = Flags.string({
  env: 'BENDER_CA_DIR',
  default: 'bender-ca',
  helpValue: 'DIR',
  description: 'The folder with the CA and the certificates.',
});

/** The paths of a certificate and its key. */
export interface Written {
  certificate: string;
  key: string;
}

/** @param name  of a daemon or caller, or `ca` */
export const pathsOf = (dir: string, name: string): Written => ({
  certificate: join(dir, `${name}.pem`),
  key: join(dir, `${name}-key.pem`),
});

/** The CA in this folder, in PEM. Throws NotFoundError if there is none. */
export async function readAuthority(dir: string): Promise<Written> {
  const paths = pathsOf(dir, 'ca');
  const [certificate, key] = await Promise.all([readIfThere(paths.certificate), readIfThere(paths.key)]);
  if (certificate === undefined || key === undefined)
    throw new NotFoundError(
      `there is no CA in ${dir}: make one with 'bender ca init --dir ${dir}', or name another --dir`,
    );
  return { certificate, key };
}

/** Throws ConflictError if there is a CA already. */
export async function writeAuthority(dir: string, issued: Issued): Promise<Written> {
  const paths = pathsOf(dir, 'ca');
  for (const path of [paths.certificate, paths.key])
    if ((await readIfThere(path)) !== undefined)
      throw new ConflictError(`there is a CA in ${dir} already (${path}): name another --dir for a new one`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return write(paths, issued);
}

/** Replaces the files that were issued for this name before. */
export async function writeIssued(dir: string, name: string, issued: Issued): Promise<Written> {
  return write(pathsOf(dir, name), issued);
}

/** Each file appears in one step. A daemon that finds a key without its certificate waits for that. */
async function write(paths: Written, { certificate, key }: Issued): Promise<Written> {
  await replaceFile(await followLinks(paths.key), key, { mode: 0o600 });
  await replaceFile(await followLinks(paths.certificate), certificate, { mode: 0o644 });
  return paths;
}
