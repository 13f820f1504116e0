import { expect, it } from '@jest/globals';
import { doubtText } from '../../../src/ui/state/doubt.js';

it('says that a view cannot be trusted', () => {
  expect(doubtText({ stale: true })).toMatch(/cut off/);
  expect(doubtText({ warming: true })).toMatch(/just started/);
  expect(doubtText({})).toBeUndefined();
});
