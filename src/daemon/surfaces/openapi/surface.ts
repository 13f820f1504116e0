import { surface } from '../surface.js';

export const openapi = surface({
  name: 'openapi',
  what: 'the description of the API: for tools that read OpenAPI, and as a page for people',
  // It says what requests and answers look like, and nothing of what is online.
  routes: { 'GET /openapi.json': { reads: false }, 'GET /docs': { reads: false }, 'GET /docs/:file': { reads: false } },
  load: () => import('./openapi.js'),
});
