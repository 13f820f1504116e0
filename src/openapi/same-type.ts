/** Compares types of the model with what schemas describe, at compile time. */

import type * as v from 'valibot';

/** JSON has neither brands nor read-only properties. */
type Plain<T> = T extends { readonly __brand: string }
  ? string
  : T extends object
    ? { -readonly [K in keyof T]: Plain<T[K]> }
    : T;

type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type DriftedNames<Types, Schemas extends Record<keyof Types, v.GenericSchema>> = {
  [K in keyof Types]: IsSame<Plain<Types[K]>, Plain<v.InferOutput<Schemas[K]>>> extends true ? never : K;
}[keyof Types];

/**
 * `{}` if each schema describes its type, and nothing more or less. Otherwise an object with a property for each that
 * does not, so that `{}` does not compile, and the error names them.
 *
 *     const drifted: Exact<{ Name: string }, { Name: typeof nameSchema }> = {};
 */
export type Exact<Types, Schemas extends Record<keyof Types, v.GenericSchema>> = Record<
  DriftedNames<Types, Schemas>,
  'describes another type'
>;
