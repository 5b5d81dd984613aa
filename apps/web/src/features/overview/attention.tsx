import { Button, Text } from '@mantine/core';
import { Panel, When } from '@otherthing/ui';
import { Link } from '@tanstack/react-router';
import { useAttention } from './attention-items.ts';
import styles from './overview.module.css';

/** What needs a person, with one action each. */
export function NeedsAttention(props: { workspaceId: string }) {
  const { ready, items } = useAttention(props.workspaceId);
  return (
    <Panel title="Needs attention">
      {ready && items.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing needs you now.
        </Text>
      ) : null}
      <ul className={styles.list}>
        {items.slice(0, 8).map((item) => (
          <li key={item.key} className={styles.item}>
            <div style={{ minWidth: 0 }}>
              <Text size="sm" truncate>
                {item.what}
              </Text>
              <Text size="xs" c="dimmed">
                <When at={item.since} />
              </Text>
            </div>
            <Button
              component={Link}
              {...(item.action.link as { to: string })}
              size="xs"
              variant="default"
              aria-label={`${item.action.label}: ${item.what}`}
            >
              {item.action.label}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
