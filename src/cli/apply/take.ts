import type { Client } from '../../client/index.js';
import type { Step } from './plan.js';

/**
 * Makes one edit of the catalog. Throws TooFewOnlineError if it would send callers to nothing.
 *
 * @param force  make it all the same
 */
export async function take(client: Client, step: Step, force: boolean): Promise<void> {
  const terms = force ? { atLeast: 0 } : {};
  switch (step.kind) {
    case 'backend':
      if (step.action === 'create') await client.createBackend(step.fields);
      else if (step.action === 'update') await client.updateBackend(step.name, step.fields, terms);
      else await client.deleteBackend(step.name, terms);
      break;
    case 'frontend':
      if (step.action === 'create') await client.createFrontend(step.fields);
      else if (step.action === 'update') await client.updateFrontend(step.name, step.fields, terms);
      else await client.deleteFrontend(step.name);
      break;
    case 'drain-rule':
      if (step.action === 'create') await client.drainRules.create(step.fields, terms);
      else if (step.action === 'update') await client.drainRules.update(step.name, step.fields, terms);
      else await client.drainRules.delete(step.name);
      break;
  }
}
