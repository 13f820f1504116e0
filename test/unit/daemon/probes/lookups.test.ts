import { beforeEach, describe, expect, it } from '@jest/globals';
import { Lookups, type Resolve } from '../../../../src/daemon/probes/lookups.js';

let now: number;
/** Look-ups under way, by name. */
let asked: Map<string, () => void>;
/** Names in the order in which they were looked up. */
let begun: string[];
let lookups: Lookups;

const address = { address: '10.0.0.1', family: 4 };
const resolve: Resolve = (name, done) => {
  begun.push(name);
  asked.set(name, () => {
    asked.delete(name);
    done(null, [address]);
  });
};

beforeEach(() => {
  now = 0;
  asked = new Map();
  begun = [];
  lookups = new Lookups(resolve, () => now);
});

const look = (name: string, signal = new AbortController().signal) =>
  new Promise<string>((done) => lookups.addressesOf(name, signal, (_, [first]) => done(first!.address)));

/** Looks a name up, which takes so many ms. */
async function learn(name: string, ms: number): Promise<void> {
  const looked = look(name);
  now += ms;
  asked.get(name)!();
  await looked;
}

describe('a name', () => {
  it('is looked up once for all that ask, and for those of the next 5 s', async () => {
    const both = Promise.all([look('web'), look('web')]);
    asked.get('web')!();
    expect(await both).toEqual(['10.0.0.1', '10.0.0.1']);
    now = 4999;
    await look('web');
    expect(begun).toEqual(['web']);
    now = 5001;
    void look('web');
    expect(begun).toEqual(['web', 'web']);
  });

  it('that is fast does not wait for slow and unknown ones', async () => {
    await learn('fast', 5);
    for (const name of ['slow1', 'slow2', 'slow3', 'slow4']) await learn(name, 10_000);
    now += 10_000;
    begun = [];
    for (const name of ['slow1', 'slow2', 'slow3', 'slow4', 'new1', 'new2', 'fast']) void look(name);
    expect(begun).toEqual(['slow1', 'new1', 'fast']);
    asked.get('new1')!();
    expect(begun.slice(3)).toEqual(['new2']);
    asked.get('slow1')!();
    expect(begun.slice(4)).toEqual(['slow2']);
  });

  it('is not looked up for probes that have ended', () => {
    void look('slow');
    const over = new AbortController();
    for (let index = 0; index < 100; index++) void look(`name${index}`, over.signal);
    over.abort();
    asked.get('slow')!();
    expect(begun).toEqual(['slow']);
    void look('other');
    expect(begun).toEqual(['slow', 'other']);
  });
});
