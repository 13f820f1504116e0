/** oclif's hook for a command that does not exist. */

import { unknownCommand } from './unknown-command.js';

interface NotFound {
  id: string;
  config: { commandIDs: string[] };
}

export default async function commandNotFound({ id, config }: NotFound): Promise<never> {
  throw unknownCommand(id.split(':'), config.commandIDs);
}
