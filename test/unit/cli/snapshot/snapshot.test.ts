import { describe, expect, it } from '@jest/globals';
import { bringBack, everyRegistration, kept, missing, refusal } from '../../../../src/cli/snapshot/registrations.js';
import { formatSnapshot, readSnapshot, type Snapshot } from '../../../../src/cli/snapshot/snapshot.js';
import { BenderError } from '../../../../src/model/errors.js';
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
  const ill = { ...online, unhealthy: '503' };
  const ruled = { ...online, draining: true, drainReason: 'leaks', drainRule: 'web' };
  expect(kept([online, { ...online, app: 'bender' }, ruled, drains, ill])).toEqual([
    { ...one, draining: false },
    { ...one, draining: false },
    { ...one, draining: true, drainReason: 'kernel', instance: 'x' },
    { ...one, draining: false, unhealthy: '503' },
  ]);
});

it('finds every registration, also one that recovers meanwhile, once', async () => {
  const registered = (id: string, more = {}) => ({ id, ...more }) as unknown as Registration;
  const lists = { unhealthy: [registered('a', { unhealthy: '503' }), registered('b', { unhealthy: '503' })] };
  const client = {
    registrations: async ({ state }: { state?: string | undefined } = {}) =>
      state === 'unhealthy' ? lists.unhealthy : [registered('a'), registered('c')],
  };
  expect(await everyRegistration(client)).toEqual([registered('a'), registered('c'), lists.unhealthy[1]]);
});

const online = (...those: object[]) => those as unknown as Registration[];
const all = [80, 81, 82].map((port) => ({ ...one, port, draining: false }));

it('leaves alone what is online, in whatever version', () => {
  const newer = online(
    { ...one, version: '2' },
    { ...one, app: 'api', port: 81 },
    { ...one, host: '10.0.0.6', port: 82 },
  );
  expect(missing(all, newer)).toEqual(all.slice(1));
});

describe('bringing back', () => {
  /** A client that refuses what `refuse` throws for. */
  function newClient({ there = online(), refuse = (_port: number): void => {}, fails = (): void => {} }) {
    const registered: number[] = [];
    const client = {
      registrations: async () => {
        fails();
        return there;
      },
      register: async ({ port }: { port: number }) => {
        refuse(port);
        registered.push(port);
        return {} as never;
      },
      setState: async () => ({}) as never,
    };
    return { client, registered };
  }

  it('skips what has come online since', async () => {
    const { client, registered } = newClient({ there: online({ ...one, version: '2', port: 81 }) });
    expect(await bringBack(client, all)).toEqual({ back: [all[0], all[2]], skipped: [all[1]], refused: [] });
    expect(registered).toEqual([80, 82]);
  });

  it('goes on after one that is refused, and tells of all in one error with the code of the first', async () => {
    const refuse = (port: number) => {
      if (port === 80) throw new BenderError('QUOTA_EXCEEDED', 'too many');
      if (port === 81) throw new BenderError('APP_NOT_ALLOWED', 'not yours');
    };
    const { client, registered } = newClient({ refuse });
    const { back, refused } = await bringBack(client, all);
    expect([back, registered]).toEqual([[all[2]], [82]]);
    expect(refusal(refused)).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: 'could not bring back 2 registrations: web/1/10.0.0.5/80: too many; web/1/10.0.0.5/81: not yours',
    });
    expect(refusal([])).toBeUndefined();
  });

  it('ends if no daemon answers, and at a bug', async () => {
    const error = new TypeError('a bug');
    const fail = () => {
      throw error;
    };
    await expect(bringBack(newClient({ fails: fail }).client, all)).rejects.toBe(error);
    await expect(bringBack(newClient({ refuse: fail }).client, all)).rejects.toBe(error);
  });
});
