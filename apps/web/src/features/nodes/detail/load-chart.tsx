import { Text } from '@mantine/core';
import type { Node } from '@otherthing/protocol/http';
import { clockTime, Panel } from '@otherthing/ui';
import { useEffect, useRef, useState } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import styles from './load-chart.module.css';

type Sample = { readonly at: number; readonly cpu: number; readonly memory: number };
const KEPT = 360;

/** Load of the machine since this page was opened, with the same figures as text. */
export function LoadChart(props: { node: Node }) {
  const samples = useSamples(props.node.load);
  const last = samples.at(-1);
  return (
    <Panel title="Load now">
      {last ? (
        <>
          <Text size="sm" className={styles.legend}>
            <span className={styles.cpu}>Processor {percent(last.cpu)}</span>
            <span className={styles.memory}>Memory {percent(last.memory)}</span>
          </Text>
          <Plot samples={samples} />
          <Text size="xs" c="dimmed">
            Of the whole machine, from when this page was opened.
          </Text>
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {props.node.state === 'online'
            ? 'The machine has not reported its load yet.'
            : 'The machine is offline.'}
        </Text>
      )}
    </Panel>
  );
}

const percent = (part: number) => `${Math.round(part * 100)} %`;

/** The last half hour at one sample every five seconds. */
function useSamples(load: Node['load']): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    if (!load) return undefined;
    const add = () =>
      setSamples((before) => [...before, { at: Date.now() / 1000, ...asParts(load) }].slice(-KEPT));
    add();
    const timer = setInterval(add, 5000);
    return () => clearInterval(timer);
  }, [load]);
  return samples;
}

const asParts = (load: NonNullable<Node['load']>) => ({
  cpu: Math.min(1, load.cpu),
  memory: Math.min(1, load.memory),
});

function Plot(props: { samples: readonly Sample[] }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const data = toData(props.samples);
  const latest = useRef(data);
  latest.current = data;
  useEffect(() => {
    let gone = false;
    const element = box.current;
    if (!element) return undefined;
    const resize = new ResizeObserver(() =>
      chart.current?.setSize({ width: element.clientWidth, height: 140 }),
    );
    void import('uplot').then(({ default: Chart }) => {
      if (gone) return;
      chart.current = new Chart(optionsFor(element), latest.current, element);
      resize.observe(element);
    });
    return () => {
      gone = true;
      resize.disconnect();
      chart.current?.destroy();
      chart.current = undefined;
    };
  }, []);
  useEffect(() => chart.current?.setData(data), [data]);
  return <div ref={box} className={styles.plot} aria-hidden />;
}

const toData = (samples: readonly Sample[]): uPlot.AlignedData => [
  samples.map((sample) => sample.at),
  samples.map((sample) => sample.cpu * 100),
  samples.map((sample) => sample.memory * 100),
];

function optionsFor(element: HTMLElement): uPlot.Options {
  const token = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
  const axis = {
    stroke: token('--ot-dim'),
    grid: { stroke: token('--ot-line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: 140,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { range: (_plot, min, max) => [Math.min(min, max - 60), max] }, y: { range: [0, 100] } },
    axes: [
      { ...axis, values: (_plot, ticks) => ticks.map((tick) => clockTime(tick * 1000)) },
      { ...axis, values: (_plot, ticks) => ticks.map((tick) => `${tick} %`), size: 48 },
    ],
    series: [
      {},
      { stroke: token('--ot-accent'), width: 1.5, points: { show: false } },
      { stroke: token('--ot-violet'), width: 1.5, dash: [5, 4], points: { show: false } },
    ],
  };
}
