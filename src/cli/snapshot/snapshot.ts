/** A snapshot: the state of a cluster in one JSON file. */

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

/** A registration, with the decision of an operator. */
export type Kept = Address & RegistrationOptions & { draining: boolean; drainReason?: string; drainUntil?: number };

export interface Snapshot extends Wanted {
  /** When it was made, in Unix ms, by the clock of the machine that made it. */
  at: number;
  cluster: string;
  /** The version of bender that made it. */
  bender: string;
  /** The history, to read only: it cannot be restored. */
  history: readonly Edit[];
  /** Absent if it was made without them. */
  registrations?: readonly Kept[];
}

export const formatSnapshot = ({ at, ...rest }: Snapshot): string =>
  `${printableJson({ format, at: new Date(at).toISOString(), ...rest }, 2)}\n`;

/** The part of a snapshot that can be restored. */
export type Restorable = Wanted & Pick<Snapshot, 'registrations'>;

/** Throws InvalidError for an invalid snapshot, naming the entry and the field. */
export function readSnapshot(text: string, source: string): Restorable {
  const read = parseJsonFile(text, source) as Record<string, unknown> | null;
  if (typeof read !== 'object' || read === null || !('format' in read))
    throw new InvalidError(`${source} is no snapshot: 'bender apply' takes what 'bender export' has printed`);
  if (read.format !== format)
    throw new InvalidError(`${source} is a snapshot of another format (${String(read.format)}): use a later bender`);
  const { backends, frontends, drainRules, registrations } = read;
  const catalog = readCatalog(JSON.stringify({ backends, frontends, drainRules }), source);
  if (registrations === undefined) return catalog;
  if (!Array.isArray(registrations)) throw new InvalidError(`${source}: registrations must be a list`);
  return {
    ...catalog,
    registrations: registrations.map((one, index) => keptIn(one, `${source}: registrations[${index}]`)),
  };
}

function keptIn(input: unknown, where: string): Kept {
  try {
    const { draining, drainReason: reason, drainUntil, ...registration } = input as Kept;
    if (drainUntil !== undefined && !Number.isSafeInteger(drainUntil))
      throw new InvalidError("'drainUntil' must be a time in Unix ms");
    const state = check('state', { draining, ...(reason !== undefined && { reason }) });
    return {
      ...check('registration', registration),
      draining: state.draining,
      ...(state.reason !== undefined && { drainReason: state.reason }),
      ...(drainUntil !== undefined && { drainUntil }),
    };
  } catch (error) {
    throw new InvalidError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
