/** All templates of one process, rendered from one event stream. */

import { type Client, type EventOptions, realTimers } from '../../client/index.js';
import { Destination } from './destination.js';
import { engineFor } from './engine.js';
import type { Listener } from './job.js';
import { Job } from './job.js';
import { Registry } from './known.js';
import type { TemplateSettings } from './settings.js';

export interface RenderOptions extends Required<Pick<EventOptions, 'signal' | 'onDisconnect'>> {
  listener: Listener;
  /** Told when a daemon begins to say what there is, and which. */
  onFollowing: (server: string) => void;
}

/** Renders each of `templates` once. Throws at the first that fails, and where no daemon can be relied on. */
export async function renderOnce(
  client: Client,
  templates: TemplateSettings[],
  { signal, listener }: Pick<RenderOptions, 'signal' | 'listener'>,
): Promise<void> {
  const registry = new Registry();
  const jobs = await jobsFor(templates, registry, listener);
  for await (const { event } of client.events({}, { trusted: true, signal })) {
    registry.apply(event);
    break;
  }
  if (signal.aborted) return;
  for (const job of jobs) await job.once();
}

/**
 * Renders `templates` at every change until `signal` aborts. Takes nothing from a daemon that is warming or
 * stale, and waits for one where there is none. Throws for what is wrong with the templates at the start.
 */
export async function keepRendering(
  client: Client,
  templates: TemplateSettings[],
  options: RenderOptions,
): Promise<void> {
  const { signal, listener, onFollowing } = options;
  const registry = new Registry();
  const jobs = await jobsFor(templates, registry, listener);
  let isFollowing = false;
  const onDisconnect: RenderOptions['onDisconnect'] = (lost) => {
    isFollowing = false;
    options.onDisconnect(lost);
  };
  const running = jobs.map((job) => job.run(signal));
  for await (const { event, server } of client.events(
    {},
    { trusted: true, persistent: true, signal, onDisconnect },
  )) {
    if (!isFollowing) onFollowing(server);
    isFollowing = true;
    registry.apply(event);
    for (const job of jobs) job.changed();
  }
  await Promise.all(running);
}

async function jobsFor(
  templates: TemplateSettings[],
  registry: Registry,
  listener: Listener,
): Promise<Job[]> {
  return Promise.all(
    templates.map(async (settings) => {
      const engine = engineFor(settings.src);
      const destination = new Destination(settings);
      await engine.check();
      await destination.recall();
      return new Job(settings, { registry, engine, destination, listener, timers: realTimers });
    }),
  );
}
