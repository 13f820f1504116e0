/** What the build makes of the description: scripts/bundle-openapi.js. */

export { describeApi } from './description.js';
export { pageOf } from './page/page.js';
