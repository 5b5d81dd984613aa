import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { jobs } from '@otherthing/protocol/http';
import { Panel, Problem } from '@otherthing/ui';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../../app/api.ts';
import { labelsProblem, parseLabels } from '../../nodes/labels.ts';
import { NodeFits } from '../node-fits.tsx';
import type { Draft } from './draft.ts';

/** On how many nodes the job would fit now, and what stands in the way on the others. */
export function Fit(props: { workspaceId: string; draft: Draft }) {
  const { workspaceId, draft } = props;
  const [asked] = useDebouncedValue(askOf(draft), 300);
  const fit = useQuery({
    queryKey: [workspaceId, 'nodes', 'fit', asked],
    queryFn: ({ signal }) => api.call(jobs.fitJob, { params: { workspaceId }, body: asked, signal }),
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
  if (fit.error) return <Problem error={fit.error} onRetry={() => void fit.refetch()} />;
  if (!fit.data) return null;
  const { fitting, total, summary, hint } = fit.data;
  return (
    <Panel label="Where it fits">
      <Text fw={600} role="status" c={fitting === 0 ? 'var(--ot-waiting)' : undefined}>
        Fits on {fitting} of {total} {total === 1 ? 'node' : 'nodes'}
      </Text>
      <Text size="sm" c="dimmed">
        {summary}
        {hint ? ` ${hint}` : ''}
      </Text>
      <NodeFits nodes={fit.data.nodes.filter((node) => !node.fits)} />
    </Panel>
  );
}

function askOf(draft: Draft) {
  const { cpuCores, memoryMb, diskMb, processes } = draft;
  return {
    kind: draft.kind === 'script' ? ('script' as const) : ('process' as const),
    resources: { cpuCores, memoryMb, diskMb, processes },
    placement: { nodes: draft.nodes, labels: labelsProblem(draft.labels) ? {} : parseLabels(draft.labels) },
  };
}
