import { describe, expect, it } from '@jest/globals';
import { asId, type Registration } from '../../../src/model/registration.js';
import { StableWait } from '../../../src/ui/state/stable-wait.js';

const instance = (port: number, more: Partial<Registration> = {}): Registration => ({
  ...{ resource: 'Registration', id: asId(`web/2.0.0/h/${port}`), app: 'web', version: '2.0.0', host: 'h', port },
  ...{ ttl: 4000, meta: {}, draining: false, registered: 1 },
  ...more,
});
const wanted = { target: { app: 'web', version: '^2' }, atLeast: 2, stableForMs: 4000 };

describe('waiting for a version', () => {
  it('says what is missing, and for how long it has waited', () => {
    const wait = new StableWait(wanted, 1000);
    expect(wait.look([], true, 1000)).toBe('Waiting for 0 s: 0 of web@^2 online, 2 missing.');
    const some = [instance(1), instance(2, { draining: true }), instance(3, { version: '1.0.0' })];
    expect(wait.look(some, true, 4999)).toBe('Waiting for 3 s: 1 of web@^2 online, 1 missing.');
    const ruled = [instance(1), instance(2, { draining: true, drainRule: 'bad' })];
    expect(wait.look(ruled, true, 5000)).toBe(
      "Waiting for 4 s: 1 of web@^2 online (the rule 'bad' drains 1), 1 missing.",
    );
  });

  it('ends when enough have been online for long enough, and begins again for another life', () => {
    const wait = new StableWait(wanted, 0);
    const [one, two] = [instance(1), instance(2)];
    expect(wait.look([one, two], true, 0)).toMatch(/2 of web@\^2 online, switching if that lasts for 4 s more/);
    expect(wait.look([one, two], true, 3999)).toMatch(/for 1 s more/);
    expect(wait.look([one, { ...two, registered: 2 }], true, 4000)).toMatch(/for 4 s more/);
    expect(wait.look([one, { ...two, registered: 2 }], true, 8000)).toBeUndefined();
  });

  it('begins again when the daemon could not be relied on', () => {
    const wait = new StableWait(wanted, 0);
    const both = [instance(1), instance(2)];
    wait.look(both, true, 0);
    expect(wait.look(both, false, 3000)).toBe('Waiting for 3 s: the daemon cannot be relied on now.');
    expect(wait.look(both, true, 4000)).toMatch(/for 4 s more/);
  });
});
