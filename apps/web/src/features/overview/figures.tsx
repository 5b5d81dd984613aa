import { SimpleGrid, Text, UnstyledButton } from '@mantine/core';
import { Problem } from '@otherthing/ui';
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { jobCountsQuery } from '../jobs/queries.ts';
import { nodeSummaryQuery } from '../nodes/queries.ts';
import { useAttention } from './attention-items.ts';
import styles from './overview.module.css';

/** Four figures, each a link to what it counts. */
export function Figures(props: { workspaceId: string }) {
  const { workspaceId } = props;
  const nodes = useQuery(nodeSummaryQuery(workspaceId));
  const jobs = useQuery(jobCountsQuery(workspaceId));
  const attention = useAttention(workspaceId);
  const error = nodes.error ?? jobs.error;
  const params = { workspaceId };
  const done = jobs.data
    ? jobs.data.succeededToday + jobs.data.failedToday + jobs.data.cancelledToday
    : undefined;
  return (
    <>
      {error ? (
        <Problem error={error} onRetry={() => void Promise.all([nodes.refetch(), jobs.refetch()])} />
      ) : null}
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
        <Figure
          label="Nodes online"
          value={nodes.data?.online}
          detail={nodes.data ? `${nodes.data.offline} offline` : ''}
          link={{ to: '/w/$workspaceId/nodes', params, search: {} }}
        />
        <Figure
          label="Jobs running"
          value={jobs.data ? jobs.data.running + jobs.data.starting : undefined}
          detail={jobs.data ? `${jobs.data.waiting} waiting` : ''}
          link={{ to: '/w/$workspaceId/jobs', params, search: { q: 'state:running,starting,waiting' } }}
        />
        <Figure
          label="Jobs done today"
          value={done}
          detail={jobs.data ? `${jobs.data.succeededToday} succeeded, ${jobs.data.failedToday} failed` : ''}
          link={{ to: '/w/$workspaceId/jobs', params, search: { q: 'state:succeeded,failed,cancelled' } }}
        />
        <Figure
          label="Needs attention"
          value={attention.ready ? attention.items.length : undefined}
          detail={attention.items.length === 0 ? 'nothing' : 'listed below'}
          alert={attention.items.length > 0}
        />
      </SimpleGrid>
    </>
  );
}

function Figure(props: {
  label: string;
  value: number | undefined;
  detail: string;
  link?: LinkProps;
  alert?: boolean;
}) {
  const body = (
    <>
      <Text size="sm" c="dimmed">
        {props.label}
      </Text>
      <Text className={styles.figure} c={props.alert ? 'var(--ot-waiting)' : undefined}>
        {props.value === undefined ? '–' : props.value.toLocaleString('en')}
      </Text>
      <Text size="sm" c="dimmed">
        {props.detail}
      </Text>
    </>
  );
  return props.link ? (
    <UnstyledButton component={Link} {...(props.link as { to: string })} className={styles.card}>
      {body}
    </UnstyledButton>
  ) : (
    <div className={styles.card}>{body}</div>
  );
}
