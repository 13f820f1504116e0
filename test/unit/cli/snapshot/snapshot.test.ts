import { describe, expect, it } from '@jest/globals';
import { kept, missing } from '../../../../src/cli/snapshot/registrations.js';
import { formatSnapshot, readSnapshot, type Snapshot } from '../../../../src/cli/snapshot/snapshot.js';
import { asId, type Registration } from '../../../../src/model/registration.js';

const one = { app: 'web', version: '1', host: '10.0.0.5', port: 80, ttl: 4000, meta: { zone: 'a' } };
const snapshot: Snapshot = {
  ...{ at: 0, cluster: 'default', bender: '1.0.0', history: [] },
  backends: [{ name: 'web', app: 'web', version: '1.10' }],
  frontends: [{ name: 'www', backend: 'web' }, { name: 'new' }],
  registrations: [{ ...one, draining: true, drainReason: 'kernel', instance: 'x' }],
};

describe('a snapshot', () => {
  it('reads as what was written', () => {
    const { backends, frontends, registrations } = snapshot;
    expect(readSnapshot(formatSnapshot(snapshot), 'f')).toEqual({ backends, frontends, registrations });
    const { registrations: _, ...without } = snapshot;
    expect(Object.keys(readSnapshot(formatSnapshot(without), 'f'))).toEqual(['backends', 'frontends']);
  });

  const text = (change: object) => JSON.stringify({ format: 1, backends: [], frontends: [], ...change });
  it.each([
    ['{', /^f/],
    ['[]', /^f is no snapshot/],
    ['{"backends": []}', /^f is no snapshot: 'bender apply' takes/],
    [text({ format: 2 }), /^f is a snapshot of another format \(2\)/],
    [text({ backends: [{ name: 'web' }] }), /^f: backends\[0\]: 'app' is missing/],
    [text({ registrations: {} }), /^f: registrations must be a list/],
    [text({ registrations: [null] }), /^f: registrations\[0\]: /],
    [
      text({
        registrations: [
          { ...one, draining: false },
          { ...one, draining: 1 },
        ],
      }),
      /^f: registrations\[1\]: 'draining'/,
    ],
    [text({ registrations: [{ ...one, draining: false, port: 'x' }] }), /^f: registrations\[0\]: 'port'/],
  ])('%s is refused', (input, message) => {
    expect(() => readSnapshot(input, 'f')).toThrow(message);
  });
});

it('keeps what services said of themselves and what was decided about them, and no daemons', () => {
  const online = {
    ...{ resource: 'Registration' as const, id: asId('web/1/10.0.0.5/80'), registered: 1, draining: false },
    ...one,
  } satisfies Registration;
  const drains = { ...online, draining: true, drainReason: 'kernel', instance: 'x' };
  expect(kept([online, { ...online, app: 'bender' }, drains])).toEqual([
    { ...one, draining: false },
    { ...one, draining: true, drainReason: 'kernel', instance: 'x' },
  ]);
});

it('leaves alone what is online', () => {
  const [there, gone] = [
    { ...one, draining: true },
    { ...one, port: 81, draining: false },
  ];
  expect(missing([there, gone], [{ id: 'web/1/10.0.0.5/80' } as Registration])).toEqual([gone]);
});
