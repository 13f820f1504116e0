import { expect, it } from '@jest/globals';
import { formatId, type Registration } from '../../../src/model/registration.js';
import { detailOf } from '../../../src/ui/state/event-text.js';

const routing = { hosts: ['www.example.com'] };
const web = { resource: 'Backend', name: 'web', app: 'web', version: '1.0.0' } as const;
const www = { resource: 'Frontend', name: 'www', backend: 'web' } as const;

it('shows a change of routing', () => {
  expect(detailOf({ type: 'backend-updated', backend: { ...web, routing }, at: 1 })).toBe(
    'web@1.0.0 (host=www.example.com)',
  );
  expect(detailOf({ type: 'frontend-updated', frontend: { ...www, routing }, at: 1 })).toBe(
    'serves web (host=www.example.com)',
  );
  expect(detailOf({ type: 'backend-updated', backend: web, at: 1 })).toBe('web@1.0.0');
});

const address = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 80 };
const instance: Registration = {
  ...{ resource: 'Registration', id: formatId(address), ...address, ttl: 4000, meta: {}, draining: false },
  registered: 2,
};

it.each<[Partial<Registration>, string]>([
  [{}, 'TTL 4 s'],
  [{ draining: true }, 'TTL 4 s, drains'],
  [{ draining: true, drainRule: 'bad', drainReason: 'leaks' }, 'TTL 4 s, drains by the rule bad: leaks'],
])('says of an instance that comes with %j: %s', (more, text) => {
  expect(detailOf({ type: 'online', registration: { ...instance, ...more }, at: 1 })).toBe(text);
});

it('says that an instance has registered again', () => {
  expect(detailOf({ type: 'updated', registration: instance, previous: { registered: 1 }, at: 1 })).toBe(
    'registered again',
  );
});
