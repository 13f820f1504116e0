/**
 * Takes the pictures of the dashboard in docs/images from a real run: three daemons, services on three apps, and a
 * deployment. `node scripts/screenshots.js [FOLDER]` needs Chromium and a build. With a folder it takes every view at
 * two widths, light and dark, to be looked at.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '..');
const [folder] = process.argv.slice(2);
const ports = [18291, 18292, 18293];
const urls = ports.map((port) => `http://127.0.0.1:${port}`);

async function ask(method, path, body, url = urls[0]) {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', 'x-bender-author': 'ann' },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
}

async function until(probe) {
  while (!(await probe().catch(() => false))) await sleep(100);
}

const daemons = ports.map((port) =>
  spawn(
    process.execPath,
    ['bin/run.js', 'serve', '--port', port, '--name', `daemon-${port % 10}`, '--warm-for', '0', '--peer', urls[0]],
    {
      cwd: root,
      stdio: 'ignore',
    },
  ),
);
let renewals;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  await until(async () => (await (await fetch(`${urls[0]}/daemons`)).json()).length === 3);
  const ids = [];
  const register = async (app, version, hosts, meta) => {
    for (const last of hosts) {
      const one = { app, version, host: `10.0.4.${last}`, port: 8080, ttl: 20_000, meta };
      await ask('POST', '/registrations', one, urls[last % 3]);
      ids.push(`${app}/${version}/10.0.4.${last}/8080`);
    }
  };
  /** Services renew as they do; one of them does not while it is set. */
  let silent = '';
  let turn = 0;
  renewals = setInterval(() => {
    turn++;
    const some = ids.filter((id, index) => id !== silent && (index + turn) % 4 === 0);
    ask('POST', '/renewals', { ids: some }).catch(() => undefined);
  }, 1000);
  await register('web', '2.3.0', [11, 12, 13, 14], { zone: 'eu-1' });
  await register('api', '1.8.2', [21, 22, 23], { zone: 'eu-1' });
  await register('api', '1.9.0', [24], { zone: 'eu-2' });
  await register('worker', '0.14.1', [31, 32, 33]);
  await ask('POST', '/registrations', {
    ...{ app: 'db', version: '15.4', host: '127.0.0.1', port: ports[2], check: { http: '/livez' } },
  });
  for (const backend of [
    { name: 'web', app: 'web', version: '2.3.0' },
    { name: 'api', app: 'api', split: { '1.8.2': 90, '1.9.0': 10 } },
  ])
    await ask('POST', '/backends', backend);
  for (const [name, backend] of [
    ['www', 'web'],
    ['shop', 'web'],
    ['api', 'api'],
    ['admin', undefined],
  ])
    await ask('POST', '/frontends', { name, backend });

  const open = async (width, colorScheme, height = 800) => {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(`${urls[0]}/ui`);
    await page.getByText('daemon-1').first().waitFor();
    return page;
  };
  const pages = folder
    ? await Promise.all([1280, 390].flatMap((width) => ['light', 'dark'].map((scheme) => open(width, scheme))))
    : [await open(1280, 'light', 660), await open(1280, 'dark', 640)];

  // A deployment, as `bender deploy --drain` does it.
  await sleep(1500);
  await register('web', '2.4.0', [15, 16], { zone: 'eu-1' });
  await sleep(1000);
  await register('web', '2.4.0', [17, 18], { zone: 'eu-2' });
  await sleep(1000);
  await ask('PUT', '/backends/web?at-least=4', { version: '2.4.0' });
  for (const last of [11, 12, 13, 14])
    await ask('PUT', `/registrations/web/2.3.0/10.0.4.${last}/8080/state`, {
      draining: true,
      reason: 'deploy web: web@2.3.0 -> web@2.4.0',
    });
  for (const last of [11, 12]) {
    await sleep(1000);
    await ask('DELETE', `/registrations/web/2.3.0/10.0.4.${last}/8080`);
  }
  await ask('PUT', '/registrations/api/1.8.2/10.0.4.23/8080/health', { unhealthy: 'GET /health: 503' });
  await ask('PUT', '/registrations/api/1.8.2/10.0.4.22/8080/state', {
    draining: true,
    reason: 'new disk',
    forMs: 30 * 60_000,
  });
  await ask('POST', '/drain-rules', { name: 'worker@0.14.0', app: 'worker', version: '0.14.0', reason: 'loses jobs' });

  /** Waits until one of the workers has not renewed for more than half of its TTL: it is about to expire. */
  const expireSoon = async () => {
    silent = 'worker/0.14.1/10.0.4.32/8080';
    await until(async () => {
      const response = await fetch(`${urls[0]}/leases?registration=${encodeURIComponent(silent)}`);
      const [{ ttl, remaining }] = await response.json();
      return remaining < ttl * 0.45;
    });
  };
  const shoot = async (page, name, hash, then) => {
    await page.evaluate((to) => (location.hash = to), hash);
    await then?.(page);
    // Leases are asked for once a second.
    await sleep(1500);
    await page.screenshot({
      path: join(folder ?? join(root, 'docs/images'), `${name}.png`),
      fullPage: folder !== undefined,
    });
    await page.keyboard.press('Escape');
    silent = '';
  };
  if (folder) {
    mkdirSync(folder, { recursive: true });
    for (const [index, page] of pages.entries()) {
      const of = `${index < 2 ? 1280 : 390}-${index % 2 === 0 ? 'light' : 'dark'}`;
      await shoot(page, `now-${of}`, '#/now', expireSoon);
      await shoot(page, `deployments-${of}`, '#/deployments/web');
      await shoot(page, `events-${of}`, '#/events');
      await shoot(page, `daemons-${of}`, '#/daemons');
      await shoot(page, `instance-${of}`, `#/instance/${encodeURIComponent('web/2.3.0/10.0.4.13/8080')}`);
      await shoot(page, `checked-${of}`, `#/instance/${encodeURIComponent('db/15.4/127.0.0.1/18293')}`);
      await shoot(page, `version-${of}`, `#/version/${encodeURIComponent('web/2.4.0')}`);
      await shoot(page, `deploy-${of}`, '#/now', async () => {
        await page.getByRole('button', { name: 'Deploy' }).nth(1).click();
        await page.getByLabel('Version of web').fill('2.3.0');
      });
      await shoot(page, `drain-${of}`, `#/instance/${encodeURIComponent('web/2.4.0/10.0.4.15/8080')}`, async () => {
        await page.getByRole('button', { name: 'Drain' }).click();
        await page.getByLabel('For').selectOption({ index: 1 });
      });
      await shoot(page, `drain-all-${of}`, `#/version/${encodeURIComponent('web/2.4.0')}`, () =>
        page.getByRole('button', { name: 'Drain all' }).click(),
      );
      await shoot(page, `rollback-${of}`, '#/deployments/web', () =>
        page.getByRole('button', { name: 'Roll back' }).first().click(),
      );
      await shoot(page, `token-${of}`, '#/now', () => page.getByRole('button', { name: 'Token' }).click());
      await shoot(page, `split-${of}`, '#/now', () => page.getByRole('button', { name: 'Split' }).first().click());
    }
  } else {
    mkdirSync(join(root, 'docs/images'), { recursive: true });
    await shoot(pages[0], 'dashboard-now', '#/now', expireSoon);
    await shoot(pages[1], 'dashboard-deployments', '#/deployments/web');
  }
} finally {
  clearInterval(renewals);
  await browser.close();
  for (const daemon of daemons) daemon.kill('SIGTERM');
  await Promise.all(daemons.map((daemon) => daemon.exitCode ?? once(daemon, 'exit')));
}
