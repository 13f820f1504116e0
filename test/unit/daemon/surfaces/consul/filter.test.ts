import { describe, expect, it } from '@jest/globals';
import { filterOf } from '../../../../../src/daemon/surfaces/consul/filter.js';

const element = {
  Node: { Node: 'n1', Meta: {} },
  Service: { ID: 'web-1', Port: 80, Tags: ['a', 'b c'], Meta: { zone: 'eu', 'x.y': '1' }, EnableTagOverride: false },
  Checks: [
    { CheckID: 'one', Status: 'passing' },
    { CheckID: 'two', Status: 'critical' },
  ],
};

const isMeant = (text: string): boolean => filterOf(text, element)(element);

describe('a filter', () => {
  it.each([
    ['Service.ID == "web-1"', true],
    ['Service.ID==web-1', true],
    ['Service.ID != `web-1`', false],
    ['Service.Port == 80', true],
    ['Service.Port != "80"', false],
    ['Service.EnableTagOverride == false', true],
    ['"a" in Service.Tags', true],
    ['a not in Service.Tags', false],
    ['Service.Tags contains "b c"', true],
    ['Service.Tags not contains b', true],
    ['"web" in Service.ID', true],
    ['Service.Meta.zone == eu', true],
    ['Service.Meta["x.y"] == 1', true],
    ['"/Service/Meta/zone" == "eu"', true],
    ['zone in Service.Meta', true],
    ['Service.Meta.none == ""', false],
    ['Service.Meta.none != ""', true],
    ['Service.Meta.none is empty', true],
    ['Node.Meta is empty', true],
    ['Service.Tags is not empty', true],
    // One of them is enough, also to differ.
    ['Checks.Status == critical', true],
    ['Checks.Status != critical', true],
    ['not Checks.Status == critical', false],
    ['Service.ID == x or Service.Port == 80 and Node.Node == n1', true],
    ['(Service.ID == x or Service.Port == 80) and Node.Node == n2', false],
    ['not (Service.ID == x) and not Service.Port == 81', true],
    ['Service.Meta.zone == "e\\"u"', false],
  ])('%s is %s', (text, expected) => {
    expect(isMeant(text)).toBe(expected);
  });

  it.each([
    [''],
    ['('],
    ['Service.ID'],
    ['Service.ID =='],
    ['Service.ID = x'],
    ['Service.ID == x y'],
    ['Service.ID == "x'],
    ['Service.ID matches "^w"'],
    ['Service.ID is x'],
    ['Service.ID not == x'],
    ['Service.Nothing == x'],
    ['Service.constructor == x'],
    ['Service == x'],
    ['Service.Tags == a'],
    ['Service.Port contains 8'],
    ['Service.Port == many'],
    ['Service.EnableTagOverride == maybe'],
    ['Service.Meta.zone.more == x'],
    ['Checks contains one'],
    ['"zone" == Service.ID'],
    ['== =='],
    ['('.repeat(40) + 'Service.ID == x' + ')'.repeat(40)],
    ['not '.repeat(40) + 'Service.ID == x'],
    [`Service.ID == ${'x'.repeat(2000)}`],
  ])('%s is refused', (text) => {
    expect(() => isMeant(text)).toThrow(/^Failed to create boolean expression evaluator: /);
  });

  it('is read in time that grows with its length', () => {
    const begun = performance.now();
    for (const text of ['"\\', '["', '(((((((((', 'a'.repeat(1990), '"'.repeat(1999), '\\"'.repeat(999)])
      expect(() => isMeant(text.padEnd(2000, text))).toThrow();
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});
