/** What monitors bender: the rules and the dashboard in packaging/ fit the metrics of a real daemon. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { blocksOf } from '../helpers/page.js';
import { itWith } from './deployments/programs.js';

const packaging = join(import.meta.dirname, '../../packaging');
const read = (file: string): Promise<string> => readFile(join(packaging, file), 'utf8');

let daemon: RunningDaemon;
let metrics: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-metrics-'));
  daemon = await startDaemon();
  metrics = await (await fetch(`${daemon.url}/metrics`)).text();
});
afterAll(async () => {
  await stopDaemons();
  await rm(folder, { recursive: true });
});

describe('the page', () => {
  it('has commands that show what they say', async () => {
    const [block] = await blocksOf('docs/integrations/metrics.md', 'sh');
    const here = block!.replaceAll('http://127.0.0.1:1729', daemon.url);
    const { stdout } = await execa('sh', ['-c', here]);
    expect(stdout).toMatch(/^bender_registrations\{app="bender",version="[^"]+"\} 1$/m);
  });

  itWith(['promtool'])('has a configuration that Prometheus takes, with the rules beside it', async () => {
    const [config] = await blocksOf('docs/integrations/metrics.md', 'yaml');
    await writeFile(join(folder, 'prometheus.yml'), config!);
    await writeFile(join(folder, 'bender.rules.yml'), await read('prometheus/bender.rules.yml'));
    const { stdout } = await execa('promtool', ['check', 'config', join(folder, 'prometheus.yml')]);
    expect(stdout).toContain('9 rules found');
  });
});

itWith(['promtool'])('are in a form that Prometheus has nothing against', async () => {
  const { stderr } = await execa('promtool', ['check', 'metrics'], { input: metrics, reject: false });
  // prom-client names three gauges of Node with the suffix of counters.
  expect(stderr.split('\n').filter((line) => line !== '' && !line.startsWith('nodejs_active_'))).toEqual([]);
});

/** The names in an expression that are metrics of bender or of its process. */
const named = (expression: string): string[] => expression.match(/\b(bender|nodejs|process)_\w+/g) ?? [];

const known = (name: string): boolean => new RegExp(`^# TYPE ${name} `, 'm').test(metrics);

describe('the rules', () => {
  itWith(['promtool'])('are valid, and fire when they have to', async () => {
    await execa('promtool', ['check', 'rules', 'bender.rules.yml'], { cwd: join(packaging, 'prometheus') });
    await execa('promtool', ['test', 'rules', 'bender.rules.test.yml'], { cwd: join(packaging, 'prometheus') });
  });

  it('are about metrics that there are, each with a test', async () => {
    const [rules, tests] = [await read('prometheus/bender.rules.yml'), await read('prometheus/bender.rules.test.yml')];
    const names = rules
      .split('\n')
      .filter((line) => !/^\s*(#|summary|description)/.test(line))
      .flatMap(named);
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !known(name))).toEqual([]);
    const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, alert]) => alert!);
    expect(alerts.filter((alert) => !tests.includes(`alertname: ${alert}`))).toEqual([]);
  });
});

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: Record<'h' | 'w' | 'x' | 'y', number>;
  targets: { expr: string; legendFormat: string; refId: string }[];
}

describe('the dashboard', () => {
  it('shows metrics that there are, in panels that do not overlap', async () => {
    const dashboard = JSON.parse(await read('grafana/bender.json')) as { panels: Panel[]; schemaVersion: number };
    const { panels } = dashboard;
    expect(dashboard).toMatchObject({ title: 'bender', uid: 'bender', schemaVersion: 39 });
    const names = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => named(expr)));
    expect(names.filter((name) => !known(name))).toEqual([]);
    const taken = new Set<string>();
    for (const { type, gridPos, targets, title } of panels) {
      expect([type, title !== '', targets.length > 0]).toEqual([
        expect.stringMatching(/^(stat|timeseries)$/),
        true,
        true,
      ]);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([x < 24, taken.has(`${x}/${y}`)]).toEqual([true, false]);
          taken.add(`${x}/${y}`);
        }
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  itWith(['promtool'])('asks what Prometheus can evaluate', async () => {
    const { panels } = JSON.parse(await read('grafana/bender.json')) as { panels: Panel[] };
    const rules = panels.flatMap(({ targets }) =>
      targets.map(({ expr }, index) => ({ record: `panel:${index}`, expr: expr.replaceAll('$__rate_interval', '1m') })),
    );
    const file = join(folder, 'panels.yml');
    await writeFile(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    await execa('promtool', ['check', 'rules', '--lint=none', file]);
  });
});
