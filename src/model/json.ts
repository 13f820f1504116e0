/** Values that came as JSON, however deeply they are nested: nothing here calls itself. */

/**
 * Whether nothing in `value` is nested in more than `levels` arrays and objects.
 *
 *     isShallow({ a: [1] }, 2) // true
 */
export function isShallow(value: unknown, levels: number): boolean {
  let layer = [value];
  for (let level = 0; layer.length > 0; level++) {
    const next: unknown[] = [];
    for (const item of layer) {
      if (!isNested(item)) continue;
      if (level === levels) return false;
      for (const inner of Array.isArray(item) ? (item as unknown[]) : Object.values(item)) next.push(inner);
    }
    layer = next;
  }
  return true;
}

/** Whether `a` and `b` are the same JSON, in whatever order their fields are. */
export function isSameJson(a: unknown, b: unknown): boolean {
  const pairs: [unknown, unknown][] = [[a, b]];
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const [one, other] = pair;
    if (Object.is(one, other)) continue;
    if (!isNested(one) || !isNested(other) || Array.isArray(one) !== Array.isArray(other)) return false;
    const keys = Object.keys(one);
    if (keys.length !== Object.keys(other).length) return false;
    for (const key of keys) {
      if (!Object.hasOwn(other, key)) return false;
      pairs.push([(one as Fields)[key], (other as Fields)[key]]);
    }
  }
  return true;
}

type Fields = Record<string, unknown>;

/** Whether `value` is a JSON object, and neither a list nor null. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
