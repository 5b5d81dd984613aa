import { Text, Title } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { CommandLine } from './copy.tsx';
import styles from './parts.module.css';

/** A titled block of a page. */
export function Panel(props: {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
  label?: string;
  order?: 2 | 3;
}) {
  return (
    <section className={styles.panel} aria-label={props.title ?? props.label}>
      {props.title ? (
        <div className={styles.panelHead}>
          <Title order={props.order ?? 2} size="h2">
            {props.title}
          </Title>
          {props.actions}
        </div>
      ) : null}
      {props.children}
    </section>
  );
}

/** Nothing is here yet: one sentence, one working button, the line that does the same in a terminal. */
export function Empty(props: { icon: ReactNode; sentence: string; action?: ReactNode; command?: string }) {
  return (
    <div className={styles.empty}>
      {props.icon}
      <Text maw={460}>{props.sentence}</Text>
      {props.action}
      {props.command ? <CommandLine command={props.command} /> : null}
    </div>
  );
}

/** What is in use of what is there, as a bar with its numbers. */
export function CapacityBar(props: {
  label: string;
  used: number;
  total: number;
  text: string;
  detail?: string;
}) {
  const part = props.total > 0 ? props.used / props.total : 0;
  return (
    <div>
      <div className={styles.barRow}>
        <Text size="sm">{props.label}</Text>
        <Text size="sm" className="ot-num">
          {props.text}
        </Text>
      </div>
      <ThinBar part={part} />
      {props.detail ? (
        <Text size="xs" c="dimmed" mt={4}>
          {props.detail}
        </Text>
      ) : null}
    </div>
  );
}

/** A part of a whole without words; the number stands beside it. Amber above nine tenths. */
export function ThinBar(props: { part: number }) {
  const part = Math.max(0, Math.min(1, props.part));
  return (
    <div className={styles.bar} aria-hidden>
      <div
        className={`${styles.barFill} ${part > 0.9 ? styles.barWarn : ''}`}
        style={{ width: `${part * 100}%` }}
      />
    </div>
  );
}

/** Names and values, one a line. */
export function Facts(props: { items: ReadonlyArray<readonly [name: string, value: ReactNode]> }) {
  return (
    <dl className={styles.facts}>
      {props.items.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
