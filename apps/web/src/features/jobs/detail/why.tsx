import { Text } from '@mantine/core';
import type { Job } from '@otherthing/protocol/http';
import { Panel, Problem } from '@otherthing/ui';
import { useQuery } from '@tanstack/react-query';
import { NodeFits } from '../node-fits.tsx';
import { whyQuery } from '../queries.ts';

/** Why the job waits, or why it failed: one sentence with the limit and the knob, then a row per node. */
export function Why(props: { workspaceId: string; job: Job }) {
  const { workspaceId, job } = props;
  const asked = job.state === 'waiting' || job.state === 'failed';
  const why = useQuery({
    ...whyQuery(workspaceId, job.id),
    enabled: asked,
    refetchInterval: job.state === 'waiting' ? 5000 : false,
  });
  if (!asked) return null;
  const title = job.state === 'waiting' ? 'Why it waits' : 'Why it failed';
  if (why.error && !job.failure)
    return <Problem title={title} error={why.error} onRetry={() => void why.refetch()} />;
  const summary = why.data?.summary ?? job.failure?.message;
  const hint = why.data?.hint ?? job.failure?.hint;
  if (!summary) return null;
  return (
    <Panel title={title}>
      <Text>{summary}</Text>
      {hint ? <Text c="dimmed">{hint}</Text> : null}
      <NodeFits nodes={why.data?.nodes ?? []} />
    </Panel>
  );
}
