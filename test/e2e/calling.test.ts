/** Programs that call services through the client library: the examples, and callers under load while things change. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { join } from 'node:path';
import { Client } from '../../src/client/index.js';
import { startCalledService, stopCalledServices } from '../helpers/called-services.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';

afterAll(async () => {
  await stopCalledServices();
  await stopDaemons();
});

describe('the examples', () => {
  let url: string;

  beforeAll(async () => {
    ({ url } = await startDaemon());
    const client = new Client({ servers: [url] });
    await client.createBackend({ name: 'web', app: 'web', version: '1.0.0' });
    await client.createFrontend({ name: 'www', backend: 'web' });
    await Promise.all([startCalledService('1.0.0', [url]), startCalledService('1.0.0', [url])]);
  });

  const run = async (example: string): Promise<string> => {
    const program = join(import.meta.dirname, '../../examples/client', example);
    const { stdout } = await execa(process.execPath, [program, url], { env: { NODE_OPTIONS: '' } });
    return stdout;
  };

  it('pool.mjs sends each request to an instance', async () => {
    expect((await run('pool.mjs')).split('\n')).toEqual(
      Array.from({ length: 10 }, () => expect.stringMatching(/^1\.0\.0 1\.0\.0 for 127\.0\.0\.1:\d+$/)),
    );
  });
});
