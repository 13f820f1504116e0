import type { IncomingMessage } from 'node:http';
import type { Answer } from '../../http/route.js';
import { surface } from '../surface.js';

export const ui = surface({
  name: 'ui',
  what: 'the dashboard, for people in browsers',
  // The page shows nothing by itself: what it shows it asks of the API.
  routes: { 'GET /ui': { reads: false }, 'GET /ui/:file': { reads: false } },
  load: () => import('./ui.js'),
});

/** Sends a browser that asks for `/` to the dashboard. */
export const toDashboard: Answer = { status: 302, headers: { location: '/ui', vary: 'accept' } };

/** Whether this is a browser that has opened `/`: other programs do not prefer HTML. */
export const wantsDashboard = ({ method, url, headers }: IncomingMessage): boolean =>
  url === '/' && (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');
