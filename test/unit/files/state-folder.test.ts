import { expect, it } from '@jest/globals';
import { homedir } from 'node:os';
import { stateFolder } from '../../../src/files/state-folder.js';

it.each([
  [{}, `${homedir()}/.local/state/bender`],
  [{ XDG_STATE_HOME: '/var/state' }, '/var/state/bender'],
  [{ XDG_STATE_HOME: 'relative' }, `${homedir()}/.local/state/bender`],
  [{ XDG_STATE_HOME: '' }, `${homedir()}/.local/state/bender`],
])('%j is %s', (environment, folder) => {
  expect(stateFolder(environment)).toBe(folder);
});
