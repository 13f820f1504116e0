/** The simplest schemas of answers. */

import * as v from 'valibot';

export const text = v.string();
export const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Milliseconds since 1970, by some daemon's clock. */
export const unixMs = v.pipe(v.number(), v.integer());
/** A field that is true, or absent. */
export const yes = v.literal(true);

export const caveats = { warming: v.exactOptional(yes), stale: v.exactOptional(yes) };
