/** What pages say of commands, settings and figures is what the program and the benchmarks say. */

import { beforeAll, expect, it } from '@jest/globals';
import { execa } from 'execa';
import setUp from '../../helpers/built.js';

beforeAll(() => setUp(), 300_000);

it('has pages that are up to date (npm run docs)', async () => {
  const { all, exitCode } = await execa(process.execPath, ['scripts/docs.js', '--check'], { all: true, reject: false });
  expect({ all, exitCode }).toEqual({ all: '', exitCode: 0 });
});
