/** All templates of one process, rendered from one event stream. */

import { unwatchFile, watchFile } from 'node:fs';
import { type Client, type EventOptions, realTimers } from '../../client/index.js';
import { Destination, type DestinationOptions } from './destination.js';
import { engineFor } from './engine.js';
import type { Listener } from './job.js';
import { Job } from './job.js';
import { Registry } from './known.js';
import type { TemplateSettings } from './settings.js';

export interface RenderOptions {
  signal: AbortSignal;
  onDisconnect: NonNullable<EventOptions['onDisconnect']>;
  listener: Listener;
  /** Told when a daemon begins to say what there is, and which. */
  onFollowing: (server: string) => void;
}

/** Where what is rendered goes. */
type DestinationFor = (options: DestinationOptions) => Pick<Destination, 'known' | 'recall' | 'put'>;

const fileFor: DestinationFor = (options) => new Destination(options);

/** Renders each of `templates` once. Throws at the first that fails, and if no daemon can be relied on. */
export async function renderOnce(
  client: Client,
  templates: TemplateSettings[],
  { signal, listener }: Pick<RenderOptions, 'signal' | 'listener'>,
  destinationFor: DestinationFor = fileFor,
): Promise<void> {
  const registry = new Registry();
  const jobs = await jobsFor(templates, registry, listener, destinationFor);
  for await (const { event } of client.events({}, { trusted: true, persistent: false, signal })) {
    registry.apply(event);
    break;
  }
  if (signal.aborted) return;
  for (const job of jobs) await job.once();
}

/**
 * Renders `templates` at every change until `signal` aborts. Takes nothing from a daemon that is warming or
 * stale, and waits for one if there is none. Throws for what is wrong with the templates at the start.
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
  let isKnown = false;
  for (const [index, { src }] of templates.entries())
    watchFile(src, { persistent: false, interval: sourceEveryMs }, () => {
      if (isKnown) jobs[index]!.changed();
    });
  let timer: NodeJS.Timeout | undefined;
  /** Renders when instances have warmed by a step, of which there is no event. */
  const renderAtNextStep = (): void => {
    clearTimeout(timer);
    const { nextStepMs } = registry;
    if (nextStepMs === Infinity) return;
    timer = setTimeout(() => {
      registry.step();
      for (const job of jobs) job.changed();
      renderAtNextStep();
    }, nextStepMs);
  };
  for await (const { event, server } of client.events({}, { trusted: true, persistent: true, signal, onDisconnect })) {
    if (!isFollowing) onFollowing(server);
    isFollowing = true;
    registry.apply(event);
    isKnown = true;
    for (const job of jobs) job.changed();
    renderAtNextStep();
  }
  clearTimeout(timer);
  for (const { src } of templates) unwatchFile(src);
  await Promise.all(running);
}

/** How often it is looked whether a template was edited. */
const sourceEveryMs = 1000;

async function jobsFor(
  templates: TemplateSettings[],
  registry: Registry,
  listener: Listener,
  destinationFor: DestinationFor = fileFor,
): Promise<Job[]> {
  return Promise.all(
    templates.map(async (settings) => {
      const engine = engineFor(settings.src);
      const destination = destinationFor(settings);
      await engine.check();
      await destination.recall();
      return new Job(settings, { registry, engine, destination, listener, timers: realTimers });
    }),
  );
}
