import { expect, it } from '@jest/globals';
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
