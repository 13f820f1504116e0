/** A snapshot: what a cluster knows, in one file of JSON. */

import { readCatalog } from '../apply/catalog-text.js';
import type { Wanted } from '../apply/plan.js';
import { InvalidError } from '../../model/errors.js';
import type { Edit } from '../../model/history.js';
import { parseJsonFile } from '../../model/json-file.js';
import { printableJson } from '../../model/printable.js';
import type { Address, RegistrationOptions } from '../../model/registration.js';
import { check } from '../../model/validate.js';

/** The only format so far. */
const format = 1;

/** A registration, and what an operator has decided about it. */
export type Kept = Address & RegistrationOptions & { draining: boolean; drainReason?: string };

export interface Snapshot extends Wanted {
  /** When it was made, in Unix ms, by the clock of the machine that made it. */
  at: number;
  cluster: string;
  /** The version of bender that made it. */
  bender: string;
  /** Who changed what: to read, as only the daemons can write it. */
  history: readonly Edit[];
  /** Absent if it was made without them. */
  registrations?: readonly Kept[];
}

export const formatSnapshot = ({ at, ...rest }: Snapshot): string =>
  `${printableJson({ format, at: new Date(at).toISOString(), ...rest }, 2)}\n`;

/** What a snapshot can bring back. */
export type Restorable = Wanted & Pick<Snapshot, 'registrations'>;

/** Throws InvalidError for what is no snapshot, naming the entry and the field. */
export function readSnapshot(text: string, source: string): Restorable {
  const read = parseJsonFile(text, source) as Record<string, unknown> | null;
  if (typeof read !== 'object' || read === null || !('format' in read))
    throw new InvalidError(`${source} is no snapshot: 'bender apply' takes what 'bender export' has printed`);
  if (read.format !== format)
    throw new InvalidError(`${source} is a snapshot of another format (${String(read.format)}): use a later bender`);
  const { backends, frontends, registrations } = read;
  const catalog = readCatalog(JSON.stringify({ backends, frontends }), source);
  if (registrations === undefined) return catalog;
  if (!Array.isArray(registrations)) throw new InvalidError(`${source}: registrations must be a list`);
  return {
    ...catalog,
    registrations: registrations.map((one, index) => keptIn(one, `${source}: registrations[${index}]`)),
  };
}

function keptIn(input: unknown, where: string): Kept {
  try {
    const { draining, drainReason: reason, ...registration } = input as Kept;
    const state = check('state', { draining, ...(reason !== undefined && { reason }) });
    return {
      ...check('registration', registration),
      draining: state.draining,
      ...(state.reason !== undefined && { drainReason: state.reason }),
    };
  } catch (error) {
    throw new InvalidError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
