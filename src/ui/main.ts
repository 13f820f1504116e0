/** The dashboard. It is one page: docs/dashboard.md says what it shows, src/ui/store.ts what it is drawn from. */

import { render } from 'preact';
import { html } from './html.js';
import { followLeases } from './leases.js';
import { start } from './store.js';
import { followUnhealthy } from './unhealthy.js';
import { Frame } from './parts/frame.js';

start();
followUnhealthy();
followLeases();
render(html`<${Frame} />`, document.getElementById('page')!);
