/** What happens to a service in its life, under load, with any load balancer. */

import type { Connections, LoadResult } from './load.js';
import { Load, allConnections } from './load.js';
import type { Instance, Stage } from './stage.js';

export interface StoryResult {
  loads: LoadResult[];
  /** Milliseconds from the beginning of the deployment to the last request that another version answered, by step. */
  switched: Record<string, number>;
}

/**
 * Deploys 2.0.0 in the place of 1.0.0, goes back, scales from two to six instances and down again, drains one and
 * takes it back. `running` are two instances of 1.0.0 behind `url`, by the backend `web`.
 */
export async function deployUnderLoad(
  stage: Stage,
  running: Instance[],
  url: string,
  connections: readonly Connections[] = allConnections,
): Promise<StoryResult> {
  const load = new Load(url, connections);
  try {
    await stage.untilBusy(running);
    const next = await stage.launch('2.0.0', 2);
    const switched = {
      'deploy 2.0.0': await timed(stage, running, next, 'deploy', 'web', '--version', '2.0.0', '--wait', '2'),
      rollback: await timed(stage, next, running, 'rollback', 'web'),
    };
    await stage.retire(next);

    const more = await stage.launch('1.0.0', 4);
    await stage.untilBusy([...running, ...more]);
    await stage.retire(more);

    const [drained] = running as [Instance, ...Instance[]];
    await stage.bender('drain', drained.id);
    await stage.untilQuiet([drained]);
    await stage.bender('undrain', drained.id);
    await stage.untilBusy([drained]);
    return { loads: await load.stop(), switched };
  } finally {
    await load.kill();
  }
}

/** Switches by a command; answers the milliseconds to the last request that went to `from`. */
async function timed(stage: Stage, from: Instance[], to: Instance[], ...command: string[]): Promise<number> {
  const before = Date.now();
  await stage.bender(...command);
  await stage.untilBusy(to);
  return (await stage.untilQuiet(from)) - before;
}

export function print(title: string, requests: Record<string, number>, switched: StoryResult['switched']): void {
  const counts = Object.entries(requests).map(([kind, count]) => `${count} requests on connections ${kind}`);
  const times = Object.entries(switched).map(([step, ms]) => `${step} ${ms} ms`);
  process.stdout.write(
    `${title}: ${counts.join(' and ')}, none failed; ` +
      `to the last answer of the version before: ${times.join(', ')}\n`,
  );
}
