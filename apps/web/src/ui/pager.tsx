import { Button, Group, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';

/** Pages of a list: on to older rows, back to the newest. Each page has its own address. */
export function Pager(props: {
  cursor: string | undefined;
  next: string | null;
  shown: string;
  go: (cursor: string | undefined) => void;
}) {
  const { next } = props;
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed" role="status">
        {props.shown}
      </Text>
      {props.cursor || next ? (
        <Group gap="sm">
          <Button
            variant="default"
            size="xs"
            disabled={!props.cursor}
            leftSection={<IconChevronLeft size={14} stroke={1.5} />}
            onClick={() => props.go(undefined)}
          >
            First page
          </Button>
          <Button
            variant="default"
            size="xs"
            disabled={!next}
            rightSection={<IconChevronRight size={14} stroke={1.5} />}
            onClick={() => props.go(next ?? undefined)}
          >
            Next page
          </Button>
        </Group>
      ) : null}
    </Group>
  );
}
