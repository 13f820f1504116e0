/** The fields of a check and their bounds, both for what clients send and for what peers hand on. */

import * as v from 'valibot';
import { limits } from './limits.js';

const whole = (min: number, max: number, unit: string) => {
  const bounds = `must be from ${min} to ${max}${unit}`;
  return v.pipe(
    v.number(`must be a number${unit && ' of milliseconds'}`),
    v.integer('must be a whole number'),
    v.minValue(min, bounds),
    v.maxValue(max, bounds),
  );
};

const ms = ({ min, max }: { min: number; max: number }) => whole(min, max, ' ms');

/** What can stand in the first line of a request: printable ASCII without spaces. `#` would never be sent. */
const path = v.pipe(
  v.string('must be a path'),
  v.maxLength(limits.checkPath, `must have at most ${limits.checkPath} characters`),
  v.regex(/^\/[!"$-~]*$/, "must be a path that begins with '/', of printable ASCII without spaces and '#'"),
);

const yes = v.literal(true, 'must be true when it is given');

const checkFields = {
  http: v.optional(path),
  https: v.optional(path),
  tcp: v.optional(yes),
  skipVerify: v.optional(yes),
  interval: v.optional(ms(limits.checkInterval)),
  timeout: v.optional(ms(limits.checkTimeout)),
  fails: v.optional(whole(1, limits.checkCount, '')),
  passes: v.optional(whole(1, limits.checkCount, '')),
  deregisterAfter: v.optional(ms(limits.deregisterAfter)),
};

interface Targets {
  http?: string | undefined;
  https?: string | undefined;
  tcp?: true | undefined;
  skipVerify?: true | undefined;
}

/** Whether a check says one thing to probe. */
const hasOneTarget = ({ http, https, tcp, skipVerify }: Targets): boolean =>
  [http, https, tcp].filter((one) => one !== undefined).length === 1 && (!skipVerify || https !== undefined);

/** A check as clients give it. */
export const givenCheck = v.pipe(
  v.strictObject(checkFields, 'must be an object or null'),
  v.check(
    ({ interval, timeout }) => timeout === undefined || timeout <= (interval ?? 2000),
    "must have a 'timeout' of at most its 'interval'",
  ),
  v.check(hasOneTarget, "must have one of 'http', 'https' and 'tcp'; 'skipVerify' goes with 'https'"),
);

/** A check as daemons store it. Fields that are unknown here, from a later version, are left out. */
export const checkShape = v.pipe(v.object(checkFields), v.check(hasOneTarget));
