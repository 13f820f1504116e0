/** How many instances of each version of an app were online over the last minutes. */

import { Component, createRef } from 'preact';
import uPlot from 'uplot';
import { curves, eventCount } from '../store.js';
import { html, type VNode } from '../html.js';

/** Colours of versions, by their order: the style sheet has them for light and dark. */
const colors = 6;
const height = 140;
/** ms between drawings: time goes on when nothing happens. */
const everyMs = 1000;

interface Props {
  app: string;
}

export class Chart extends Component<Props, { versions: string[] }> {
  override state = { versions: [] as string[] };
  readonly #place = createRef<HTMLDivElement>();
  #plot: uPlot | undefined;
  #drawn = '';
  #timer = 0;
  #stop = (): void => {};
  readonly #onScheme = (): void => {
    this.#drawn = '';
    this.#draw();
  };
  readonly #scheme = matchMedia('(prefers-color-scheme: dark)');
  readonly #sizes = new ResizeObserver(() => this.#plot?.setSize({ width: this.#width(), height }));

  override componentDidMount(): void {
    this.#stop = eventCount.subscribe(() => this.#draw());
    this.#timer = window.setInterval(() => !document.hidden && this.#draw(), everyMs);
    this.#scheme.addEventListener('change', this.#onScheme);
    if (this.#place.current) this.#sizes.observe(this.#place.current);
  }

  override componentWillUnmount(): void {
    this.#stop();
    clearInterval(this.#timer);
    this.#scheme.removeEventListener('change', this.#onScheme);
    this.#sizes.disconnect();
    this.#plot?.destroy();
  }

  #width = (): number => this.#place.current?.clientWidth ?? 300;

  #draw(): void {
    const place = this.#place.current;
    if (!place) return;
    const { versions, times, counts } = curves.of(this.props.app, Date.now() / 1000);
    if (versions.join() !== this.#drawn) {
      this.#drawn = versions.join();
      this.#plot?.destroy();
      this.#plot = new uPlot(optionsFor(versions, this.#width()), [times, ...counts], place);
      this.setState({ versions });
    } else this.#plot?.setData([times, ...counts]);
  }

  override render({ app }: Props, { versions }: { versions: string[] }): VNode {
    return html`<figure class="chart">
      <figcaption>
        <b>${app}</b>${' '}
        <span class="faint">${versions.length === 0 ? 'nothing was online' : 'online'} over the last minutes</span
        >${' '}
        ${versions.map((version, index) => html`<span key=${version} class="key"><span class=${`line c${index % colors}`} aria-hidden="true"></span>${version}</span>`)}
      </figcaption>
      <div ref=${this.#place} aria-hidden="true"></div>
    </figure>`;
  }
}

function optionsFor(versions: readonly string[], width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--faint'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, Math.ceil(max * 1.1))] } },
    axes: [
      {
        ...axis,
        values: (_, ticks) => ticks.map((tick) => new Date(tick * 1000).toTimeString().slice(0, 8)),
        space: 90,
        size: 24,
      },
      { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000], size: 44, space: 28 },
    ],
    series: [
      {},
      ...versions.map((label, index) => ({
        label,
        stroke: color(`--c${index % colors}`),
        width: 2,
        points: { show: false },
        paths: uPlot.paths.stepped!({ align: 1 }),
      })),
    ],
  };
}
