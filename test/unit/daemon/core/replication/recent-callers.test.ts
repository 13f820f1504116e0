import { RecentCallers, callersKept } from '../../../../../src/daemon/core/replication/recent-callers.js';

describe('callers', () => {
  it('stay for as long as they call, and ten seconds more', () => {
    const callers = new RecentCallers();
    callers.touch('http://a', 0);
    callers.touch('http://b', 0);
    callers.touch('http://a', 5000);
    callers.expire(10_001);
    expect([callers.has('http://a'), callers.has('http://b')]).toEqual([true, false]);
    callers.expire(15_001);
    expect(callers.has('http://a')).toBe(false);
  });

  it('are so many and no more: the one that called longest ago makes room', () => {
    const callers = new RecentCallers();
    for (let index = 0; index < callersKept; index++) expect(callers.touch(`http://${index}`, index)).toBe(undefined);
    callers.touch('http://0', 1000);
    expect(callers.touch('http://new', 1000)).toBe('http://1');
    expect(['http://0', 'http://1', 'http://new'].map((url) => callers.has(url))).toEqual([true, false, true]);
  });
});
