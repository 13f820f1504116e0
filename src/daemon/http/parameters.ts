/** Parameters in the query of a URL. Those that are not understood throw InvalidError. */

import { InvalidError } from '../../model/errors.js';
import { type Near, parseNear } from '../../model/near.js';

/** A parameter that is a whole number; undefined if it is not given. */
export function numberIn(parameters: URLSearchParams, name: string, min: number, max: number): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new InvalidError(`'${name}' must be a whole number from ${min} to ${max}, not '${text}'`);
}

/** A parameter that is a name. Names have no spaces, so a `+` that was not encoded is meant as it stands. */
export const nameIn = (parameters: URLSearchParams, name: string): string | null =>
  parameters.get(name)?.replaceAll(' ', '+') ?? null;

/** A parameter that is a switch: `?force`, `?force=true`. */
export function switchIn(parameters: URLSearchParams, name: string): boolean {
  const text = parameters.get(name);
  if (text !== null && !/^(true|false|)$/.test(text))
    throw new InvalidError(`'${name}' must be true or false, not '${text}'`);
  return text !== null && text !== 'false';
}

/** A parameter that is one of `choices`; undefined if it is not given. */
export function choiceIn<T extends string>(
  parameters: URLSearchParams,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const choice = choices.find((one) => one === text);
  if (choice === undefined) throw new InvalidError(`'${name}' must be ${choices.join(' or ')}, not '${text}'`);
  return choice;
}

/** The names of the parameters that {@link nearIn} reads. */
export const nearParameters = ['near', 'near-at-least'] as const;

/** The preference in `?near=zone:eu-1&near-at-least=3`; undefined if none is given. */
export function nearIn(parameters: URLSearchParams): Near | undefined {
  const near = parameters.get('near');
  const atLeast = numberIn(parameters, 'near-at-least', 1, Number.MAX_SAFE_INTEGER);
  if (near !== null) return parseNear(near, atLeast);
  if (atLeast !== undefined) throw new InvalidError("'near-at-least' needs 'near'");
  return undefined;
}
