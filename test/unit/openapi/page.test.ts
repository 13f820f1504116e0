/** The page that is made of the description. */

import { expect, it } from '@jest/globals';
import { operations } from '../../../src/openapi/description.js';
import { pageOf } from '../../../src/openapi/page/page.js';
import { description } from '../../helpers/schemas.js';

const page = pageOf(description, '/docs/style.css');

it('shows every operation, every schema and every error', () => {
  for (const { id } of operations) expect(page).toContain(`<article id="${id}">`);
  for (const name of Object.keys(description.components.responses))
    expect(page).toContain(`id="error-${name.slice(5)}"`);
  for (const name of Object.keys(description.components.schemas).filter((name) => !name.startsWith('Error')))
    expect(page).toContain(`<article id="schema-${name}">`);
});

it('shows defaults, and what objects have', () => {
  expect(page).toContain('whole number, 1 to 10,000, default <code>100</code>');
  expect(page).toContain('<code>online</code> or <code>unhealthy</code>, default <code>online</code>');
  expect(page).toContain('<td>object of whole number, 0 to 1,000</td>');
  expect(page).toContain('Example: <code>meta.zone=eu-1</code>');
});

it('has no link that leads nowhere', () => {
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const links = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.filter((id) => !ids.has(id))).toEqual([]);
  expect(new Set(ids).size).toBe([...page.matchAll(/ id="/g)].length);
});

it('needs neither scripts nor styles in it, nor anything from elsewhere', () => {
  expect(page).not.toMatch(/<script|<style| style=| on\w+=|<img|<iframe/);
  expect([...page.matchAll(/<link[^>]*>/g)].map(([link]) => link)).toEqual([
    '<link rel="stylesheet" href="/docs/style.css">',
  ]);
});

it('shows text as text', () => {
  const odd = { ...description, info: { ...description.info, description: '<script>alert(1)</script> & `<b>`' } };
  expect(pageOf(odd, '/docs/style.css')).toContain(
    '&lt;script&gt;alert(1)&lt;/script&gt; &amp; <code>&lt;b&gt;</code>',
  );
});
