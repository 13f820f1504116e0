import { expect, it } from '@jest/globals';
import { misspelt } from '../../../src/cli/misspelt.js';
import { environmentName, settingTable } from '../../../src/daemon/settings.js';

const known = [...Object.keys(settingTable), 'config'].map(environmentName);

it('tells of a variable that is nearly a setting', () => {
  expect(misspelt({ BENDER_PROT: '1', BENDER_PEER_TIMOUT: '2s' }, known)).toEqual([
    'BENDER_PROT is no setting: did you mean BENDER_PORT?',
    'BENDER_PEER_TIMOUT is no setting: did you mean BENDER_PEER_TIMEOUT?',
  ]);
});

it('leaves alone what is set, and what bender itself sets for services and hooks', () => {
  const others = ['SERVER', 'AUTHOR', 'ID', 'EVENT', 'APP', 'VERSION', 'REASON', 'BACKEND', 'URL'];
  for (const name of [...known, ...others.map((one) => `BENDER_${one}`), 'PORT', 'HOME'])
    expect(misspelt({ [name]: 'x' }, known)).toEqual([]);
});
