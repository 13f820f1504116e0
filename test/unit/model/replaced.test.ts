import { expect, it } from '@jest/globals';
import type { Backend } from '../../../src/model/catalog.js';
import type { Registration } from '../../../src/model/registration.js';
import { replacedIn, replacedReason } from '../../../src/model/replaced.js';

const backend = (name: string, version: string): Backend => ({ resource: 'Backend', name, app: 'web', version });
const instance = (version: string, app = 'web') =>
  ({ id: `${app}/${version}`, app, version }) as unknown as Registration;
const all = ['1.0.0', '1.1.0', '2.0.0'].map((version) => instance(version));

it('finds what only the version before was served by, and what another backend still needs', () => {
  const switched = { before: backend('www', '^1'), after: backend('www', '2.0.0') };
  const others = [switched.after, backend('canary', '1.1.0')];
  expect(replacedIn(switched, [...all, instance('1.0.0', 'api')], others)).toEqual({
    own: [all[0]],
    shared: [{ registration: all[1], backend: 'canary' }],
  });
  expect(replacedReason(switched)).toBe('deploy www: web@^1 -> web@2.0.0');
});

it('finds nothing if nothing was switched', () => {
  const same = backend('www', '2.0.0');
  expect(replacedIn({ before: same, after: same }, all, [same])).toEqual({ own: [], shared: [] });
});
