import { expect, it } from '@jest/globals';
import { templateData } from '../../../../src/cli/template/data.js';
import { backendOf, frontendOf, registrationOf } from '../../../helpers/catalog.js';

it('has what a template reads: by frontend, by backend, by app and version', () => {
  const one = { ...registrationOf('web/1.0.0/h/80'), weight: 1 };
  const six = registrationOf('web/2.0.0/::1/81');
  const api = registrationOf('api/1.0.0/h/82');
  const [oneSeen, sixSeen, apiSeen] = [
    { ...one, address: 'h:80' },
    { ...six, address: '[::1]:81' },
    { ...api, address: 'h:82' },
  ];
  expect(
    templateData({
      frontends: [frontendOf('new'), frontendOf('www', 'web')],
      backends: [{ ...backendOf('web', 'web', '1.0.0'), registrations: [one] }],
      registrations: [one, six, api],
      daemons: [],
    }),
  ).toEqual({
    frontends: [
      { ...frontendOf('new'), registrations: [] },
      { ...frontendOf('www', 'web'), registrations: [{ ...oneSeen, backup: false }] },
    ],
    backends: [{ ...backendOf('web', 'web', '1.0.0'), registrations: [{ ...oneSeen, backup: false }] }],
    registrations: [oneSeen, sixSeen, apiSeen],
    apps: [
      {
        name: 'api',
        registrations: [apiSeen],
        versions: [{ version: '1.0.0', registrations: [apiSeen] }],
      },
      {
        name: 'web',
        registrations: [oneSeen, sixSeen],
        versions: [
          { version: '1.0.0', registrations: [oneSeen] },
          { version: '2.0.0', registrations: [sixSeen] },
        ],
      },
    ],
    daemons: [],
  });
});

it('has the routing facts of backends and frontends as they were set', () => {
  const [routing, ofBackend] = [{ hosts: ['www.example.com'] }, { scheme: 'https' } as const];
  const { frontends, backends } = templateData({
    frontends: [{ ...frontendOf('www', 'web'), routing }],
    backends: [{ ...backendOf('web', 'web', '1.0.0'), routing: ofBackend, registrations: [] }],
    registrations: [],
    daemons: [],
  });
  expect([frontends[0]!.routing, backends[0]!.routing]).toEqual([routing, ofBackend]);
});
