/** Prometheus, as Debian has it, with the configuration of a page. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts, type RunningProgram, startProgram } from '../deployments/programs.js';

export interface Target {
  labels: Record<string, string>;
  discoveredLabels: Record<string, string>;
  scrapePool: string;
  health: string;
  lastError: string;
}

export class PrometheusServer {
  private constructor(
    private readonly url: string,
    private readonly program: RunningProgram,
  ) {}

  /** @param config  the text of prometheus.yml */
  static async start(folder: string, config: string): Promise<PrometheusServer> {
    const file = join(folder, 'prometheus.yml');
    await writeFile(file, config);
    const at = `127.0.0.1:${await freePorts()}`;
    const places = [`--web.listen-address=${at}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`];
    const program = startProgram('prometheus', [`--config.file=${file}`, ...places]);
    return new PrometheusServer(`http://${at}`, program);
  }

  async stop(): Promise<void> {
    this.program.kill('SIGTERM');
    await this.program;
  }

  /** The targets of a job. */
  async targets(job: string): Promise<Target[]> {
    const { activeTargets } = await this.#ask<{ activeTargets: Target[] }>('targets?state=active');
    return activeTargets.filter(({ scrapePool }) => scrapePool === job);
  }

  async alertmanagers(): Promise<string[]> {
    const { activeAlertmanagers } = await this.#ask<{ activeAlertmanagers: { url: string }[] }>('alertmanagers');
    return activeAlertmanagers.map(({ url }) => url);
  }

  /** A number of its own, summed over its labels. */
  async own(metric: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const values = [...text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
  }

  async #ask<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}`);
    return ((await response.json()) as { data: T }).data;
  }
}
