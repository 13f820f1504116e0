/** Lists of instances, by app, in either form. */

import type { Made } from '../../http/contents.js';
import type { Sliced } from '../../http/slices.js';
import type { Directory } from './directory.js';
import type { Format } from './format.js';
import { type Instance, instanceOf } from './instance.js';
import { Written } from './written.js';

/** Which instances of which apps are listed. */
export interface Selection {
  names: readonly string[];
  isWanted?: (instance: Instance) => boolean;
}

/** Instances that are looked at without a pause: one in XML takes a twentieth of a millisecond. */
const atOnce = 20;

/** The answer that lists apps. */
export function* applicationsOf(directory: Directory, selection: Selection, format: Format): Sliced<Made> {
  const { written, statuses } = yield* writing(directory, selection, format);
  return written.within(format.applications(hashCodeOf(statuses)));
}

/** The answer about one app. */
export function* applicationOf(directory: Directory, name: string, format: Format): Sliced<Made> {
  const { written } = yield* writing(directory, { names: [name] }, format);
  return written.within(format.singleApplication);
}

interface Listed {
  /** The apps that have instances. */
  written: Written;
  /** How many instances have which status. */
  statuses: ReadonlyMap<string, number>;
}

/** All instances are of the moment of the first step. */
function* writing(directory: Directory, { names, isWanted }: Selection, format: Format): Sliced<Listed> {
  const apps = names.map((name) => [name, directory.registrationsOf(name)] as const);
  const statuses = new Map<string, number>();
  const written = new Written();
  let [looked, listed] = [0, 0];
  for (const [name, registrations] of apps) {
    const [ahead, behind] = format.application(name);
    let ofApp = 0;
    for (const registration of registrations) {
      if (++looked % atOnce === 0) yield;
      const instance = instanceOf(registration);
      if (isWanted && !isWanted(instance)) continue;
      const { status } = instance;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (ofApp++ > 0) written.add(format.separator);
      else written.add(listed++ > 0 ? format.separator + ahead : ahead);
      written.add(format.instance(instance));
    }
    if (ofApp > 0) written.add(behind);
  }
  return { written, statuses };
}

/** `OUT_OF_SERVICE_1_UP_3_`: by it a client sees whether its list is that of the server. */
const hashCodeOf = (statuses: ReadonlyMap<string, number>): string =>
  [...statuses]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, count]) => `${status}_${count}_`)
    .join('');
