import { Guests, guestsKept } from '../../../../../src/daemon/core/replication/recent-callers.js';

describe('guests', () => {
  it('stay for as long as they call, and ten seconds more', () => {
    const guests = new Guests();
    guests.welcome('http://a', 0);
    guests.welcome('http://b', 0);
    guests.welcome('http://a', 5000);
    guests.expire(10_001);
    expect([guests.has('http://a'), guests.has('http://b')]).toEqual([true, false]);
    guests.expire(15_001);
    expect(guests.has('http://a')).toBe(false);
  });

  it('are so many and no more: who called longest ago makes room', () => {
    const guests = new Guests();
    for (let index = 0; index < guestsKept; index++)
      expect(guests.welcome(`http://${index}`, index)).toBe(undefined);
    guests.welcome('http://0', 1000);
    expect(guests.welcome('http://new', 1000)).toBe('http://1');
    expect(['http://0', 'http://1', 'http://new'].map((url) => guests.has(url))).toEqual([true, false, true]);
  });
});
