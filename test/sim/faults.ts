/** What may go wrong in a run. */

import type { CatalogWrites } from './catalog-writes.js';
import { type NetworkFault, networkFaults } from './network-faults.js';
import { type ProcessFault, processFaults } from './process-faults.js';
import type { Stage } from './stage.js';

export type Fault = keyof typeof processFaults | keyof typeof networkFaults | 'catalog-split';

/** Faults that a run may draw from. */
export const allFaults = [...Object.keys(processFaults), ...Object.keys(networkFaults), 'catalog-split'] as Fault[];

/** Faults that are not about one daemon in particular. */
const general: readonly Fault[] = ['stall', 'storm', 'pause2', 'wall-clock', 'liar'];

const processFault = (fault: Fault): ProcessFault | undefined =>
  (processFaults as Partial<Record<Fault, ProcessFault>>)[fault];
const networkFault = (fault: Fault): NetworkFault =>
  (networkFaults as Partial<Record<Fault, NetworkFault>>)[fault === 'catalog-split' ? 'partition' : fault]!;

/** One of these happens; when the promise settles it is over, but for its consequences. */
export async function strike(stage: Stage, catalog: CatalogWrites, faults: readonly Fault[]): Promise<void> {
  const { world } = stage;
  const fault = stage.pick(faults);
  const host = stage.pick(stage.places);
  const lasts = 300 + stage.below(9000);
  const ofProcess = processFault(fault);
  if (ofProcess) {
    if (general.includes(fault) || stage.isFit(host)) await ofProcess(stage, host, lasts);
    return;
  }
  const places = stage.shuffled(stage.places).map(({ name }) => name);
  stage.note(`${await networkFault(fault)(stage, places, lasts)} for ${lasts} ms`);
  stage.truth.survey();
  if (fault === 'catalog-split')
    for (let edits = 1 + stage.below(6); edits > 0; edits--) {
      catalog.write();
      await world.advance(stage.below(600));
    }
  await world.advance(lasts);
  if (stage.chance(0.3)) await hurt(stage);
  stage.repair();
  stage.truth.survey();
  stage.note('healed');
}

/** A daemon crashes, is busy or paused while something else is wrong already. */
async function hurt(stage: Stage): Promise<void> {
  const host = stage.pick(stage.places);
  if (!stage.isFit(host)) return;
  const what = stage.pick(['crash', 'busy', 'pause'] as const);
  stage.note(`${what} of ${host.name} meanwhile`);
  if (what === 'crash') stage.end(host);
  else if (what === 'busy') stage.block(host, Infinity);
  else stage.pause(host);
  await stage.world.advance(stage.below(5000));
  stage.goOn(host);
}
