/** Choosing by dice. */

import type { Dice } from './target.js';

export const below = (dice: Dice, limit: number): number => Math.floor(dice() * limit);

export const chance = (dice: Dice, part: number): boolean => dice() < part;

export const pick = <T>(dice: Dice, from: readonly T[]): T => from[below(dice, from.length)]!;

/** `bytes` with some of them changed, removed, repeated, or replaced by those of another input. */
export function mutateBytes(dice: Dice, bytes: Buffer, others: readonly Buffer[] = []): Buffer {
  let result = Buffer.from(bytes);
  for (let count = 1 + below(dice, 4); count > 0; count--) {
    const at = below(dice, result.length + 1);
    const length = below(dice, Math.min(16, result.length - at) + 1);
    const [head, middle, tail] = [
      result.subarray(0, at),
      result.subarray(at, at + length),
      result.subarray(at + length),
    ];
    switch (below(dice, 6)) {
      case 0: {
        const flipped = Buffer.from(result);
        if (at < flipped.length) flipped[at]! ^= 1 << below(dice, 8);
        result = flipped;
        break;
      }
      case 1:
        result = Buffer.concat([head, tail]);
        break;
      case 2:
        result = Buffer.concat([head, ...Array<Buffer>(1 + below(dice, 64)).fill(middle), tail]);
        break;
      case 3:
        result = Buffer.concat([head, Buffer.from([pick(dice, edges)]), tail]);
        break;
      case 4: {
        const random = Buffer.from(Array.from({ length: 1 + below(dice, 8) }, () => below(dice, 256)));
        result = Buffer.concat([head, random, tail]);
        break;
      }
      default: {
        const other = others.length > 0 ? pick(dice, others) : result;
        const from = below(dice, other.length + 1);
        result = Buffer.concat([head, other.subarray(from, from + below(dice, 64)), tail]);
      }
    }
  }
  return result;
}

const edges = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x0a, 0x0d, 0x20];
