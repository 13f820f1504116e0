import type { Client } from '../../client/index.js';
import type { Step } from './plan.js';

/**
 * Makes one edit of the catalog. Throws TooFewOnlineError if it would send callers to nothing.
 *
 * @param force  make it all the same
 */
export async function take(client: Client, step: Step, force: boolean): Promise<void> {
  const terms = force ? { atLeast: 0 } : {};
  if (step.action === 'delete')
    await (step.kind === 'backend' ? client.deleteBackend(step.name, terms) : client.deleteFrontend(step.name));
  else if (step.kind === 'backend')
    await (step.action === 'create'
      ? client.createBackend(step.fields)
      : client.updateBackend(step.name, step.fields, terms));
  else
    await (step.action === 'create'
      ? client.createFrontend(step.fields)
      : client.updateFrontend(step.name, step.fields, terms));
}
