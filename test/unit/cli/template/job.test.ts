import { expect, it } from '@jest/globals';
import type { TemplateData } from '../../../../src/cli/template/data.js';
import { Job } from '../../../../src/cli/template/job.js';
import type { Lasting } from '../../../../src/cli/template/known.js';
import { Registry } from '../../../../src/cli/template/known.js';
import type { BenderEvent } from '../../../../src/model/events.js';
import { backendOf, registrationOf, snapshotOf } from '../../../helpers/catalog.js';
import { VirtualTimers } from '../../../helpers/virtual-timers.js';

/** A job whose template lists the ports of the backends' servers, and whose destination refuses what a test says. */
function start({ allowEmpty = false } = {}) {
  const timers = new VirtualTimers();
  const registry = new Registry();
  const stopping = new AbortController();
  const told: string[] = [];
  const put: { at: number; content: string }[] = [];
  let known: Lasting | undefined;
  const world = { refuses: (_: string): boolean => false };
  const job = new Job(
    { dest: 'd', wait: { min: 200, max: 2000 }, allowEmpty },
    {
      registry,
      timers,
      engine: {
        render: async ({ backends }: TemplateData) =>
          backends.flatMap(({ registrations }) => registrations.map(({ port }) => port)).join(),
      },
      destination: {
        get known() {
          return known;
        },
        put: async (content, from) => {
          const isNew = put.at(-1)?.content !== content;
          put.push({ at: timers.now(), content });
          if (world.refuses(content)) throw new Error('refused');
          known = from;
          return isNew;
        },
      },
      listener: {
        rendered: () => told.push('rendered'),
        kept: (_, kept) => told.push(`kept ${kept.length}`),
        failed: (_, error, againMs) => told.push(`${error.message}, again in ${againMs}`),
      },
    },
  );
  const apply = (...events: BenderEvent[]): void => {
    for (const event of events) registry.apply(event);
    job.changed();
  };
  const running = job.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return { timers, apply, put, told, world, stop, job };
}

const backends = [backendOf('web', 'web', '1')];
const online = (port: number): BenderEvent => ({
  type: 'online',
  registration: registrationOf(`web/1/h/${port}`),
  at: 0,
});
const offline = (port: number): BenderEvent => ({
  type: 'offline',
  registration: registrationOf(`web/1/h/${port}`),
  reason: 'expired',
  at: 0,
});

it('renders a burst of changes once, and says so where the file is another one', async () => {
  const { timers, apply, put, told, stop } = start();
  apply(snapshotOf({ backends }), online(1), online(2));
  await timers.advance(1000);
  apply({
    type: 'daemon-offline',
    daemon: { name: 'd', url: '', generation: 1, runId: 'r', version: '1' },
    at: 0,
  });
  await timers.advance(1000);
  expect(put).toEqual([
    { at: 200, content: '1,2' },
    { at: 1200, content: '1,2' },
  ]);
  expect(told).toEqual(['rendered']);
  await stop();
});

it('tries again with longer and longer pauses, and at once where there is something else to try', async () => {
  const { timers, apply, put, told, world, stop } = start();
  world.refuses = (content) => content === '1';
  apply(snapshotOf({ backends }), online(1));
  await timers.advance(4000);
  expect(put.map(({ at }) => at)).toEqual([200, 1200, 3200]);
  // The same content, for another reason: not before its time.
  apply({ type: 'online', registration: registrationOf('other/1/h/9'), at: 0 });
  await timers.advance(1000);
  expect(put).toHaveLength(3);
  apply(online(2));
  await timers.advance(200);
  expect(put.at(-1)).toEqual({ at: 5200, content: '1,2' });
  expect(told).toEqual(['refused, again in 1000', 'refused, again in 2000', 'refused, again in 4000', 'rendered']);
  await timers.advance(60_000);
  expect(put).toHaveLength(4);
  await stop();
});

it('tries again after half a minute at the latest', async () => {
  const { timers, apply, put, world, stop } = start();
  world.refuses = () => true;
  apply(snapshotOf({ backends }), online(1));
  await timers.advance(200_000);
  const pauses = put.slice(1).map(({ at }, index) => at - put[index]!.at);
  expect(pauses.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  await stop();
});

it('keeps the last servers of a backend, and says so once', async () => {
  const { timers, apply, put, told, stop } = start();
  apply(snapshotOf({ backends }), online(1), online(2));
  await timers.advance(1000);
  apply(offline(1));
  await timers.advance(1000);
  apply(offline(2));
  await timers.advance(1000);
  apply({ type: 'online', registration: registrationOf('other/1/h/9'), at: 0 });
  await timers.advance(1000);
  apply(online(3));
  await timers.advance(1000);
  expect(put.map(({ content }) => content)).toEqual(['1,2', '2', '2', '2', '3']);
  // First both, the backend's and all registrations; then the backend's alone.
  expect(told).toEqual(['rendered', 'rendered', 'kept 2', 'kept 1', 'kept 0', 'rendered']);
  await stop();
});

it('renders a backend empty where that is allowed', async () => {
  const { timers, apply, put, stop } = start({ allowEmpty: true });
  apply(snapshotOf({ backends }), online(1));
  await timers.advance(1000);
  apply(offline(1));
  await timers.advance(1000);
  expect(put.map(({ content }) => content)).toEqual(['1', '']);
  await stop();
});

it('throws what goes wrong where it is to render once', async () => {
  const { job, world, stop, put } = start();
  world.refuses = () => true;
  await expect(job.once()).rejects.toThrow('refused');
  expect(put).toHaveLength(1);
  await stop();
});
