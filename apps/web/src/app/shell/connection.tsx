import { Text, Tooltip } from '@mantine/core';
import { clockTime, exactTime, useNow } from '@otherthing/ui';
import { IconBolt, IconBoltOff, IconLoader2 } from '@tabler/icons-react';
import { useConnection } from '../live.tsx';
import styles from './shell.module.css';

/** Shorter breaks are not worth a word. */
const STALE_AFTER_MS = 8000;

/** Whether what is on screen is live, and if not, since when. */
export function ConnectionChip() {
  const { state, since } = useConnection();
  const stale = useStale();
  if (state === 'live') {
    return (
      <Tooltip label="Changes show up by themselves">
        <span className={`${styles.chip} ${styles.live}`} role="status">
          <IconBolt size={14} stroke={1.5} aria-hidden />
          Live
        </span>
      </Tooltip>
    );
  }
  if (stale || state === 'refused') {
    return (
      <Tooltip label={`No live connection since ${exactTime(since)}`}>
        <span className={`${styles.chip} ${styles.stale}`} role="status">
          <IconBoltOff size={14} stroke={1.5} aria-hidden />
          Stale since {clockTime(since)}
        </span>
      </Tooltip>
    );
  }
  return (
    <span className={`${styles.chip} ${styles.reconnecting}`} role="status">
      <IconLoader2 size={14} stroke={1.5} aria-hidden />
      {state === 'connecting' ? 'Connecting' : 'Reconnecting'}
    </span>
  );
}

/** Says above the page that its figures may be old. */
export function StaleBanner() {
  const { since } = useConnection();
  const stale = useStale();
  if (!stale) return null;
  return (
    <div className={styles.banner} role="status">
      <Text size="sm">
        The orchestrator cannot be reached since {clockTime(since)}. What you see may be old; it refreshes by
        itself once the connection is back.
      </Text>
    </div>
  );
}

function useStale(): boolean {
  const { state, since } = useConnection();
  const now = useNow();
  return state === 'reconnecting' && now - since > STALE_AFTER_MS;
}
