import { Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { CopyButton } from './copy.tsx';
import styles from './parts.module.css';

type Shown = { readonly message: string; readonly hint?: unknown; readonly requestId?: unknown };

/** An error where it happened: what happened, what to do, a retry, and the id that finds it in the log. */
export function Problem(props: { error: unknown; onRetry?: (() => void) | undefined; title?: string }) {
  const error: Shown = props.error instanceof Error ? props.error : { message: String(props.error) };
  const hint = typeof error.hint === 'string' ? error.hint : undefined;
  const requestId = typeof error.requestId === 'string' ? error.requestId : undefined;
  return (
    <div className={styles.problem} role="alert">
      <span className={styles.failed}>
        <IconAlertTriangle size={20} stroke={1.5} aria-hidden />
      </span>
      <div className={styles.problemBody}>
        {props.title ? <Text fw={600}>{props.title}</Text> : null}
        <Text size="sm">{error.message}</Text>
        {hint ? (
          <Text size="sm" c="dimmed">
            {hint}
          </Text>
        ) : null}
        {requestId ? (
          <Group gap={4} mt={4}>
            <Text size="xs" c="dimmed" className="ot-mono">
              Request {requestId}
            </Text>
            <CopyButton text={requestId} label="Copy request id" />
          </Group>
        ) : null}
      </div>
      {props.onRetry ? (
        <Button variant="default" size="xs" onClick={props.onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}
