import { expect, it } from '@jest/globals';
import { shippedIn, shippedOnly } from '../../../scripts/sbom.js';

const hashes = [{ alg: 'SHA-512', content: 'x' }];
const development = { properties: [{ name: 'cdx:npm:package:development', value: 'true' }] };
const component = (name: string, version: string, more: object = {}) => ({
  ...{ 'bom-ref': `${name}@${version}`, name, version, purl: `pkg:npm/${name}@${version}`, hashes },
  ...more,
});

const sbom = {
  metadata: { component: { 'bom-ref': 'bender@1.0.0', name: 'a-folder', version: '1.0.0' } },
  components: [
    component('@automerge/automerge', '2.2.9'),
    component('uuid', '9.0.1'),
    component('pino', '10.4.0', development),
    component('jest', '30.0.0', development),
    component('bender-client', '1.0.0', { hashes: undefined }),
  ],
  dependencies: [
    {
      ref: 'bender@1.0.0',
      dependsOn: ['@automerge/automerge@2.2.9', 'pino@10.4.0', 'jest@30.0.0', 'bender-client@1.0.0'],
    },
    { ref: '@automerge/automerge@2.2.9', dependsOn: ['uuid@9.0.1'] },
    { ref: 'jest@30.0.0', dependsOn: ['pino@10.4.0'] },
  ],
};

it('finds what is in the bundle by its licences', () => {
  const text = `@oclif/core 4.14.0 (MIT)\n\nCopyright (c) 2018\n${'-'.repeat(80)}\n\nyaml 2.9.1 (ISC)\n\n1. one (of two)\n`;
  expect([...shippedIn(text)]).toEqual(['@oclif/core@4.14.0', 'yaml@2.9.1']);
});

it('lists what is in the bundle and what is installed with the package, and nothing else', () => {
  const { metadata, components, dependencies } = shippedOnly(sbom, new Set(['pino@10.4.0']), 'bender');
  expect(metadata.component.name).toBe('bender');
  expect(components.map((one) => one['bom-ref'])).toEqual(['@automerge/automerge@2.2.9', 'uuid@9.0.1', 'pino@10.4.0']);
  expect(JSON.stringify(components)).not.toContain('development');
  expect(dependencies).toEqual([
    { ref: 'bender@1.0.0', dependsOn: ['@automerge/automerge@2.2.9', 'pino@10.4.0'] },
    { ref: '@automerge/automerge@2.2.9', dependsOn: ['uuid@9.0.1'] },
  ]);
});

it('refuses to leave out what it does not know', () => {
  expect(() => shippedOnly(sbom, new Set(['express@5.0.0']), 'bender')).toThrow('express@5.0.0');
});
