import {
  IconArrowForward,
  IconCircleCheck,
  IconCircleOff,
  IconCircleX,
  IconClock,
  IconHandStop,
  IconLoader2,
  IconPlayerStop,
  IconPlugConnectedX,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { lookOf, type ShownState, type StateLook } from '../states.ts';
import styles from './parts.module.css';

const ICONS = {
  check: IconCircleCheck,
  spin: IconLoader2,
  clock: IconClock,
  cross: IconCircleX,
  stop: IconPlayerStop,
  off: IconCircleOff,
  hand: IconHandStop,
  lost: IconPlugConnectedX,
  skip: IconArrowForward,
} as const satisfies Record<StateLook['icon'], unknown>;

/** A state as icon, word and colour; `children` follow the word, for example its age. */
export function StateMark(props: { state: ShownState; size?: number; children?: ReactNode }) {
  const look = lookOf(props.state);
  const Icon = ICONS[look.icon];
  return (
    <span className={`${styles.state} ${styles[look.tone]}`}>
      <Icon
        size={props.size ?? 16}
        stroke={1.5}
        aria-hidden
        className={look.icon === 'spin' ? styles.spin : undefined}
      />
      <span>
        {look.word}
        {props.children}
      </span>
    </span>
  );
}
