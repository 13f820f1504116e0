/** The values that examples are made of: one story of an app `web`, its backend and its frontend. */

export const instance = {
  resource: 'Registration',
  id: 'web/1.2.0/10.0.0.5/8080',
  app: 'web',
  version: '1.2.0',
  host: '10.0.0.5',
  port: 8080,
  ttl: 4000,
  meta: { zone: 'eu-1' },
  draining: false,
  registered: 1767225600000,
};

export const backend = { resource: 'Backend', name: 'web', app: 'web', version: '1.2.0' };
export const split = { resource: 'Backend', name: 'web', app: 'web', split: { '1.2.0': 90, '1.3.0': 10 } };
export const frontend = { resource: 'Frontend', name: 'www', backend: 'web' };

export const drainRule = {
  resource: 'DrainRule',
  name: 'web@1.2.0',
  app: 'web',
  version: '1.2.0',
  reason: 'new kernel',
};

export const daemonIdentity = {
  name: 'one',
  url: 'http://10.0.0.1:1729',
  generation: 1,
  runId: '4kXbW1nqTn2o0yVY5C1h9A',
  version: '1.0.0',
};
