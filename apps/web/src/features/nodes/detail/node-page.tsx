import { Anchor, SimpleGrid, Stack } from '@mantine/core';
import type { Node } from '@otherthing/protocol/http';
import { Panel } from '@otherthing/ui';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useWorkspaceId } from '../../../app/workspace.ts';
import { Loaded } from '../../../ui/loaded.tsx';
import { Page } from '../../../ui/page.tsx';
import { JobTable } from '../../jobs/list/job-table.tsx';
import { jobsQuery } from '../../jobs/queries.ts';
import { MembershipActions } from '../membership-actions.tsx';
import { Capacity, Isolation, NodeState } from '../node-facts.tsx';
import { nodeQuery } from '../queries.ts';
import { Executors } from './executors.tsx';
import { Hardware } from './hardware.tsx';
import { LoadChart } from './load-chart.tsx';
import { NodeSettings } from './node-settings.tsx';

/** One machine: state, load, what it lends, its jobs, its hardware. */
export function NodePage() {
  const workspaceId = useWorkspaceId();
  const { nodeId = '' } = useParams({ strict: false });
  const node = useQuery({ ...nodeQuery(workspaceId, nodeId), refetchInterval: 5000 });
  return (
    <Page
      title={node.data?.name ?? 'Node'}
      crumbs={[{ label: 'Nodes', link: { to: '/w/$workspaceId/nodes', params: { workspaceId } } }]}
    >
      <Loaded query={node}>{(data) => <Detail workspaceId={workspaceId} node={data} />}</Loaded>
    </Page>
  );
}

function Detail(props: { workspaceId: string; node: Node }) {
  const { workspaceId, node } = props;
  return (
    <Stack gap="lg">
      <Stack gap="sm">
        <NodeState node={node} />
        <MembershipActions workspaceId={workspaceId} node={node} />
        <Isolation node={node} />
      </Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Panel title="Lent and in use">
          <Capacity node={node} detailed />
        </Panel>
        <LoadChart key={node.id} node={node} />
      </SimpleGrid>
      <NodeJobs workspaceId={workspaceId} node={node} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Hardware node={node} />
        <Executors node={node} />
      </SimpleGrid>
      <NodeSettings key={`${node.id}-${node.name}`} workspaceId={workspaceId} node={node} />
    </Stack>
  );
}

function NodeJobs(props: { workspaceId: string; node: Node }) {
  const { workspaceId, node } = props;
  const jobs = useQuery(jobsQuery(workspaceId, { node: node.id, limit: 10 }));
  return (
    <Panel
      title="Its latest jobs"
      actions={
        <Anchor
          component={Link}
          to="/w/$workspaceId/jobs"
          params={{ workspaceId } as never}
          search={{ q: `node:${node.name}` } as never}
          size="sm"
        >
          All of them
        </Anchor>
      }
    >
      <Loaded query={jobs}>
        {(data) =>
          data.items.length === 0 ? (
            <span>No job has run here yet.</span>
          ) : (
            <JobTable workspaceId={workspaceId} jobs={data.items} />
          )
        }
      </Loaded>
    </Panel>
  );
}
