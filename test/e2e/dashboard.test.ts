/** The dashboard in a real browser, on a real cluster of three daemons with tokens. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium as playwright, type Page } from 'playwright-core';
import { Client } from '../../src/client/client.js';
import { chromium } from '../helpers/browser.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { freePort } from '../helpers/free-port.js';
import { type TestToken, testToken } from '../helpers/tokens.js';
import { shortTime } from '../../src/ui/state/times.js';

if (chromium === undefined) process.stderr.write('skipped, the dashboard: there is no Chromium here\n');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Needs Chromium; .ci/run installs it.
(chromium === undefined ? describe.skip : describe)('the dashboard', () => {
  let folder: string;
  let ports: number[];
  let daemons: RunningDaemon[];
  let browser: Browser;
  let page: Page;
  let client: Client;
  const tokens = {
    peer: testToken({ role: 'peer', name: 'daemons' }),
    admin: testToken({ role: 'admin', name: 'setup' }),
    deploy: testToken({ role: 'deploy', name: 'ann' }),
  } satisfies Record<string, TestToken>;
  /** What the browser has complained about. */
  const complaints: string[] = [];

  const serve = (index: number): Promise<RunningDaemon> =>
    startDaemon({
      port: ports[index]!,
      peers: ports.filter((port) => port !== ports[index]).map((port) => `http://127.0.0.1:${port}`),
      args: [
        ...['--name', `daemon-${index + 1}`, '--warm-for', '0', '--tokens', join(folder, 'tokens.jsonl')],
        ...['--anonymous', 'read', '--peer-timeout', '1000'],
      ],
      env: { BENDER_TOKEN: tokens.peer.token },
    });
  const register = (version: string, port: number, ttl = 600_000) =>
    client.register({ app: 'web', version, host: '10.0.0.1', port, ttl, meta: { zone: 'eu-1' } });
  const open = (view: string) => page.evaluate(`location.hash = ${JSON.stringify(`#/${view}`)}`);
  const version = (name: string) => page.locator('.version').filter({ has: page.getByText(name, { exact: true }) });
  const dialog = () => page.getByRole('dialog');
  /** From here on, what the page shows as an alert is in `alerts`. */
  const noteAlerts = () =>
    page.evaluate(`
      alerts = [];
      new MutationObserver(() => alerts.push(...[...document.querySelectorAll('[role=alert]')].map((one) => one.textContent)))
        .observe(document.body, { subtree: true, childList: true });
    `);
  const seen = (text: string | RegExp) => page.getByText(text).first().waitFor({ timeout: 10_000 });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bender-dashboard-'));
    const lines = Object.values(tokens).map(({ record }) => JSON.stringify(record));
    await writeFile(join(folder, 'tokens.jsonl'), `${lines.join('\n')}\n`, { mode: 0o600 });
    ports = [await freePort(), await freePort(), await freePort()];
    daemons = await Promise.all([serve(0), serve(1), serve(2)]);
    client = new Client({ servers: [daemons[1]!.url], token: tokens.admin.token });
    await eventually(async () => (await client.daemons()).length === 3);
    await Promise.all([register('1.0.0', 1), register('1.0.0', 2)]);
    await client.createBackend({ name: 'web', app: 'web', version: '1.0.0' });
    await client.createFrontend({ name: 'www', backend: 'web' });
    browser = await playwright.launch({ executablePath: chromium!, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (line) => line.type() !== 'log' && complaints.push(line.text()));
  });
  afterAll(async () => {
    await browser?.close();
    await stopDaemons();
    await rm(folder, { recursive: true });
  });

  it('is where a browser is sent, and shows what is served by what', async () => {
    await page.goto(daemons[0]!.url);
    expect(page.url()).toBe(`${daemons[0]!.url}/ui`);
    const row = page.getByRole('region', { name: 'backend web' });
    await row.getByText('10.0.0.1:1').waitFor();
    expect(await row.innerText()).toMatch(/www[^]*web@1\.0\.0[^]*1\.0\.0\s+live\s+2 online/);
    await seen('live');
  });

  it('shows a deployment from start to end, and refuses it without a token', async () => {
    await Promise.all([register('2.0.0', 3), register('2.0.0', 4)]);
    await version('2.0.0').getByText('10.0.0.1:4').waitFor();
    const deploy = page.getByRole('button', { name: 'Deploy' });
    const refused = page.getByRole('button', { name: 'Deploy', disabled: true });
    // By keyboard. What the token may not do says so, and asks for another one.
    await refused.waitFor();
    expect(await deploy.getAttribute('title')).toBe("This needs a token with the role 'deploy'.");
    await deploy.focus();
    await page.keyboard.press('Enter');
    await dialog().getByText("This needs a token with the role 'deploy'.").waitFor();
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Deploy');
    await page.keyboard.press('Enter');
    await noteAlerts();
    await dialog().getByLabel('Token').fill(tokens.deploy.token);
    await page.keyboard.press('Enter');
    await refused.waitFor({ state: 'detached' });
    // The stream is opened anew, and is not lost.
    expect(await page.evaluate('alerts')).toEqual([]);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Deploy');

    await deploy.click();
    await dialog().getByLabel('Version of web').fill('3.0.0');
    await seen(/0 instances of web@3\.0\.0 online.*switched when there is 1/);
    await page.keyboard.press('Enter');
    // It waits, for as long as the dialog is open.
    await seen(/Waiting for \d s: 0 of web@3\.0\.0 online, 1 missing/);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    await register('3.0.0', 9, 1500);
    await version('3.0.0').waitFor();
    await version('3.0.0').waitFor({ state: 'detached' });
    expect(await client.backend('web')).toMatchObject({ version: '1.0.0' });

    await deploy.click();
    await dialog().getByLabel('Version of web').fill('2.0.0');
    await seen(/2 instances of web@2\.0\.0 online/);
    expect(await dialog().innerText()).toContain("Callers of 'www' are sent from web@1.0.0 to web@2.0.0");
    await dialog().getByLabel('At least online').fill('2');
    await dialog().getByLabel('for seconds').fill('1');
    await dialog().getByLabel('Then drain the version before').check();
    await page.keyboard.press('Enter');
    await seen(/2 of web@2\.0\.0 online, switching if that lasts for 1 s more/);
    await version('2.0.0').getByText('live').waitFor();
    const last = new Client({ servers: [daemons[2]!.url], token: tokens.admin.token });
    await eventually(async () => (await last.backend('web')).version === '2.0.0');
    expect(page.url()).not.toContain('bender_');
    await version('1.0.0').getByText('online · 2 draining').waitFor();
    expect((await client.registrations({ app: 'web', version: '1.0.0' }))[0]).toMatchObject({
      drainReason: 'deploy web: web@1.0.0 -> web@2.0.0',
    });
    expect(complaints).toEqual([]);
  });

  it('shows the authors of deployments, with the curves, and rolls back', async () => {
    await open('deployments');
    const change = page.getByRole('row').filter({ hasText: 'web@1.0.0 → web@2.0.0' });
    await change.waitFor();
    expect(await change.innerText()).toMatch(/ann.*proven/);
    // Nothing was there before.
    const made = page.getByRole('row').filter({ hasText: 'frontend www' });
    expect([await made.count(), await made.getByRole('button').count()]).toEqual([1, 0]);
    await page.locator('figure canvas').waitFor();
    expect(await page.locator('figcaption').innerText()).toMatch(/1\.0\.0\s+2\.0\.0/);
    await change.getByRole('button', { name: 'Roll back backend web' }).click();
    await seen('2 that the deployment has drained are undrained first. Then 2 instances of web@1.0.0 are online');
    await dialog().getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('row').filter({ hasText: 'web@2.0.0 → web@1.0.0' }).waitFor();
    expect(await client.backend('web')).toMatchObject({ version: '1.0.0' });
  });

  it('splits', async () => {
    await open('now');
    await page.getByRole('button', { name: 'Split' }).click();
    // The counts are those of now, whatever happens while the dialog is open.
    for (const draining of [true, false]) {
      await client.setState({ app: 'web', version: '2.0.0', host: '10.0.0.1', port: 4 }, { draining });
      await dialog()
        .getByRole('slider', { name: draining ? /2\.0\.0 1 online/ : /2\.0\.0 2 online/ })
        .waitFor();
    }
    await dialog()
      .getByRole('slider', { name: /2\.0\.0/ })
      .fill('25');
    await dialog().getByText('20 %').waitFor();
    await dialog().getByRole('button', { name: 'Split' }).click();
    await version('2.0.0').getByText('20 %').waitFor();
    expect(await client.backend('web')).toMatchObject({ split: { '1.0.0': 100, '2.0.0': 25 } });
  });

  it('drains an instance for a time, for a reason that is text and nothing else, and says why it is not served', async () => {
    const reason = '<img src=x onerror=document.title=1>';
    await page.getByRole('link', { name: '10.0.0.1:1', exact: true }).focus();
    await page.keyboard.press('Enter');
    await seen(/sends it 40 % of its requests/);
    // The link is gone, so the keyboard goes on in the view.
    await eventually(async () => (await page.evaluate('document.activeElement.id')) === 'main');
    await page.getByRole('button', { name: 'Drain' }).click();
    await dialog().getByLabel('For').selectOption('30 minutes');
    await dialog().getByLabel('Reason').fill(reason);
    await page.keyboard.press('Enter');
    await seen(`sends it nothing: it drains for a time: ${reason}`);
    const [drained] = await client.registrations({ app: 'web', version: '1.0.0' });
    expect(drained!.drainUntil! - Date.now()).toBeGreaterThan(20 * 60_000);
    await page
      .locator('.facts')
      .getByText(`until ${shortTime(drained!.drainUntil!)}: ${reason}`)
      .waitFor();
    expect(await page.title()).toBe('bender');
    await page.getByRole('button', { name: 'Undrain' }).click();
    await dialog().getByRole('button', { name: 'Undrain' }).click();
    await seen(/sends it 40 % of its requests/);
  });

  it('leaves a dialog open that was opened while the one before was still at work', async () => {
    const state = '**/state*';
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    await page.route(state, async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Drain' }).click();
    const answered = page.waitForResponse(state);
    await dialog().getByRole('button', { name: 'Drain' }).click();
    await dialog().getByText('Waiting …').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Token' }).click();
    goOn();
    await (await answered).finished();
    await page.locator('.mark-of.draining').waitFor();
    await page.evaluate('new Promise((resolve) => setTimeout(resolve))');
    expect(await dialog().getByLabel('Token').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await page.unroute(state);
    await page.getByRole('button', { name: 'Undrain' }).click();
    await dialog().getByRole('button', { name: 'Undrain' }).click();
    await page.locator('.mark-of.online').waitFor();
  });

  it('drains a version by a rule, and ends it', async () => {
    await page.getByRole('link', { name: 'web@1.0.0', exact: true }).click();
    await page.getByRole('button', { name: 'Drain all' }).click();
    await seen(/no longer sent to any instance of web@1\.0\.0: not to the 2 that are online now/);
    await dialog().getByLabel('Reason').fill('leaks memory');
    await page.keyboard.press('Enter');
    await seen('Drained by the rule web@1.0.0');
    expect(await client.drainRules.list()).toMatchObject([
      { name: 'web@1.0.0', app: 'web', version: '1.0.0', reason: 'leaks memory', author: 'ann' },
    ]);
    // The daemon refuses to leave callers with nothing; the page has no way around that.
    await open(`version/${encodeURIComponent('web/2.0.0')}`);
    await page.getByRole('button', { name: 'Drain all' }).click();
    await seen("Nothing is left for the callers of 'www'.");
    await page.keyboard.press('Enter');
    await seen(/would leave nothing for backend 'web', which frontend 'www' serves\.$/);
    await eventually(() => complaints.length > 0);
    expect(complaints.splice(0)).toEqual([expect.stringContaining('409')]);
    await page.keyboard.press('Escape');
    await open(`instance/${encodeURIComponent('web/1.0.0/10.0.0.1/1')}`);
    await seen("sends it nothing: the rule 'web@1.0.0' drains it: leaks memory");
    await page.getByRole('button', { name: 'End the rule web@1.0.0' }).click();
    await dialog().getByText('2 online now').waitFor();
    await dialog().getByRole('button', { name: 'End it' }).click();
    await seen(/sends it 40 % of its requests/);
  });

  it('says that an instance is unhealthy, also after a reload, and when it has ended', async () => {
    const address = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 2 };
    // An answer that ends too early is none, and no error.
    const broken = page.waitForResponse('**/leases?*');
    await page.route('**/leases?*', (route) => route.fulfill({ body: '[' }), { times: 1 });
    await client.setHealth(address, '503');
    await open(`instance/${encodeURIComponent('web/1.0.0/10.0.0.1/2')}`);
    await seen('sends it nothing: its health check fails: 503');
    // No event tells of it after that.
    await page.reload();
    await seen('sends it nothing: its health check fails: 503');
    await page.locator('.mark-of.unhealthy').waitFor();
    await client.setHealth(address, null);
    await page.locator('.mark-of.online').waitFor();
    await client.setHealth(address, '503');
    await open('now');
    await version('1.0.0').getByText('unhealthy').first().waitFor();
    await client.deregister(address);
    await version('1.0.0').getByText('unhealthy').first().waitFor({ state: 'detached' });
    await register('1.0.0', 2);
    await broken;
    expect(complaints).toEqual([]);
  });

  it('shows how long a lease lasts that another daemon holds, what its check finds, and whose it is', async () => {
    const port = ports[2]!;
    const check = { tcp: true, interval: 1000, timeout: 500 } as const;
    await client.register({ app: 'db', version: '15', host: '127.0.0.1', port, check });
    await open(`instance/${encodeURIComponent(`db/15/127.0.0.1/${port}`)}`);
    await seen(/\d s of 4\.5 s left, held by daemon-2/);
    const link = page.locator('.facts').getByRole('link', { name: 'daemon-2' });
    expect(await link.getAttribute('href')).toMatch(new RegExp(`^${daemons[1]!.url}/ui#/instance/`));
    await seen('tcp');
    await seen(/passed.* ago \(daemon-2\)/);
    await page.locator('.facts .ring').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it('shows an expiry, and that it is near', async () => {
    await register('2.0.0', 5, 5000);
    await open(`version/${encodeURIComponent('web/2.0.0')}`);
    await page.getByRole('row', { name: /10\.0\.0\.1:5 .*about to expire/ }).waitFor();
    await open('events');
    await page.getByLabel('Filter').fill('10.0.0.1:5 offline');
    await seen('it was not renewed in time');
    expect(await page.locator('.events li').count()).toBe(1);
    await page.getByLabel('Filter').fill('');
  });

  const views = ['now', 'deployments', 'events', 'daemons', `instance/${encodeURIComponent('web/1.0.0/10.0.0.1/1')}`];
  const show = async (view: string): Promise<void> => {
    await open(view);
    await page.locator('main h1').waitFor({ state: 'attached' });
  };

  it.each([
    ['light', views],
    // What differs are colours, and these two have all of them.
    ['dark', ['now', 'deployments']],
  ] as const)('is accessible (%s)', async (colorScheme, shown) => {
    await page.emulateMedia({ colorScheme });
    for (const view of shown) {
      await show(view);
      expect([view, await violations(page)]).toEqual([view, []]);
    }
    await open('now');
    await page.getByRole('button', { name: 'Deploy' }).click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    for (const view of views) {
      await show(view);
      expect([view, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([view, 390]);
    }
    // Nor is a part of a table out of sight.
    for (const view of ['daemons', `version/${encodeURIComponent('web/1.0.0')}`]) {
      await show(view);
      await page.locator('.scroll').waitFor();
      const [of, seen] = ['scrollWidth', 'clientWidth'].map((width) => `document.querySelector('.scroll').${width}`);
      expect([view, await page.evaluate(`${of} - ${seen}`)]).toEqual([view, 0]);
    }
    // Nor a part of a dialog, whatever is named in it.
    await open('now');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await dialog().getByLabel('Version of web').fill('9'.repeat(100));
    await seen(/0 instances of web@9+ online/);
    const width = (of: string) => page.evaluate(`document.querySelector('dialog').${of}`);
    expect(await width('scrollWidth')).toBe(await width('clientWidth'));
    await page.keyboard.press('Escape');
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('shows 5,000 instances without a long wait', async () => {
    const many = Array.from({ length: 5000 }, (_, index) => index);
    const host = (index: number) => `10.1.${index >> 8}.${index & 255}`;
    const one = (index: number) =>
      client.register({ app: 'many', version: '1', host: host(index), port: 80, ttl: 600_000 });
    for (let from = 0; from < many.length; from += 250) await Promise.all(many.slice(from, from + 250).map(one));
    await page.getByText('4,992 more').waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const spentMs = async (): Promise<{ script: number; all: number }> => {
      const { metrics } = await session.send('Performance.getMetrics');
      const ms = (wanted: string) => metrics.find(({ name }) => name === wanted)!.value * 1000;
      return { script: ms('ScriptDuration'), all: ms('TaskDuration') };
    };
    const before = await spentMs();
    const events = 50;
    for (let index = 0; index < events; index++)
      await client.setState({ app: 'many', version: '1', host: host(index * 7), port: 80 }, { draining: true });
    await page.getByText('50 draining').waitFor();
    const after = await spentMs();
    const [script, all] = [(after.script - before.script) / events, (after.all - before.all) / events];
    process.stderr.write(
      `5,000 instances: ${all.toFixed(1)} ms of the main thread an event, ${script.toFixed(1)} ms of it scripts\n`,
    );
    // Half a frame of 60 Hz. All of it, layout and painting included, is also counted while other processes run.
    expect(script).toBeLessThan(8);
  });

  it('asks for a token where nothing may be read without one', async () => {
    const closed = await startDaemon({ args: ['--warm-for', '0', '--tokens', join(folder, 'tokens.jsonl')] });
    const other = await browser.newPage();
    await other.goto(closed.url);
    await other.getByRole('button', { name: 'Enter a token' }).click();
    await other.getByRole('dialog').getByLabel('Token').fill(tokens.deploy.token);
    await other.keyboard.press('Enter');
    await other.getByText('There are no frontends and backends yet.').waitFor();
    await other.getByRole('button', { name: 'Token' }).click();
    await other.getByRole('button', { name: 'Forget the token' }).click();
    await other.getByRole('button', { name: 'Enter a token' }).waitFor();
    // Nothing that the token let it show is left.
    await other.getByText('Waiting for the daemon.').waitFor();
    await other.close();
    await closed.stop();
  });

  it('has no stream while it is not seen, since a browser has six connections to a daemon', async () => {
    const other = await browser.newPage();
    await other.clock.install();
    await other.addInitScript(`isSeen = false; Object.defineProperty(document, 'hidden', { get: () => !isSeen })`);
    const see = (isSeen: boolean) =>
      other.evaluate(`isSeen = ${isSeen}; document.dispatchEvent(new Event('visibilitychange'))`);
    let streams = 0;
    other.on('request', (request) => request.url().includes('/events') && streams++);
    await other.goto(`${daemons[0]!.url}/ui`);
    await other.getByText('Waiting for the daemon.').waitFor();
    expect(streams).toBe(0);
    await see(true);
    await other.getByRole('region', { name: 'backend web' }).waitFor();
    await see(false);
    await other.clock.fastForward(60_000);
    await other.clock.runFor(5000);
    await other.getByText('connecting').waitFor();
    expect(streams).toBe(1);
    await see(true);
    await other.getByText('live', { exact: true }).first().waitFor();
    expect(streams).toBe(2);
    await other.close();
  });

  it('shows a lost daemon', async () => {
    await open('daemons');
    await page.getByRole('row', { name: /daemon-3 online/ }).waitFor();
    await daemons[2]!.kill();
    await page.getByRole('row', { name: /daemon-3 lost/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('says that its own daemon is gone, links to others, and goes on when it is back', async () => {
    await daemons[0]!.stop();
    await seen('daemon-1 cannot be reached.');
    expect(await page.getByRole('link', { name: 'daemon-2' }).getAttribute('href')).toBe(
      `${daemons[1]!.url}/ui#/daemons`,
    );
    await serve(0);
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await open('now');
    await register('2.1.0', 6);
    await version('2.1.0').getByText('10.0.0.1:6').waitFor();
    // The browser says of each try that nothing listens; the page itself says nothing on the console.
    expect(complaints.filter((line) => !/ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|status of 503/.test(line))).toEqual(
      [],
    );
  });
});

interface Violation {
  id: string;
  nodes: { html: string }[];
}

/** What axe-core finds. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }).axe.run(),
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
}
