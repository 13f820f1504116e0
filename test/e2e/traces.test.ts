import { afterAll, expect, it } from '@jest/globals';
import { run } from '../helpers/cli.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

afterAll(stopDaemons);

it('the trace of a pipeline is in the log of a daemon with what it refused', async () => {
  const daemon = await startDaemon({ args: ['--warm-for', '0', '--log-level', 'info,http=debug'] });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const show = (TRACEPARENT: string) =>
    run(['backends', 'show', 'nosuch'], { server: daemon.url, env: { TRACEPARENT } });
  expect((await show('not a trace')).exitCode).toBe(4);
  expect((await show(traceparent)).exitCode).toBe(4);
  const refused = await eventually(() => {
    const lines = daemon.log.filter((line) => line.includes('refused a request'));
    return lines.length === 2 && lines.map((line) => JSON.parse(line) as object);
  });
  expect(refused).toMatchObject([
    { name: 'http', method: 'GET', path: '/backends/nosuch', status: 404, code: 'NOT_FOUND' },
    { path: '/backends/nosuch', traceparent },
  ]);
  expect(refused[0]).not.toHaveProperty('traceparent');
});
