import { Anchor, Button, SimpleGrid, Stack } from '@mantine/core';
import { Panel } from '@otherthing/ui';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useWorkspaceId } from '../../app/workspace.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { Page } from '../../ui/page.tsx';
import { JobTable } from '../jobs/list/job-table.tsx';
import { jobsQuery } from '../jobs/queries.ts';
import { NeedsAttention } from './attention.tsx';
import { CapacityPanel } from './capacity-panel.tsx';
import { Figures } from './figures.tsx';

/** What is the state, what needs me, what can I do. */
export function OverviewPage() {
  const workspaceId = useWorkspaceId();
  return (
    <Page
      title="Overview"
      action={
        <>
          <Button
            component={Link}
            to="/w/$workspaceId/nodes/add"
            params={{ workspaceId } as never}
            variant="default"
          >
            Add a node
          </Button>
          <Button
            component={Link}
            to="/w/$workspaceId/jobs/new"
            params={{ workspaceId } as never}
            leftSection={<IconPlayerPlay size={16} stroke={1.5} />}
          >
            Run a job
          </Button>
        </>
      }
    >
      <Stack gap="lg">
        <Figures workspaceId={workspaceId} />
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
          <NeedsAttention workspaceId={workspaceId} />
          <CapacityPanel workspaceId={workspaceId} />
        </SimpleGrid>
        <Activity workspaceId={workspaceId} />
      </Stack>
    </Page>
  );
}

function Activity(props: { workspaceId: string }) {
  const { workspaceId } = props;
  const jobs = useQuery(jobsQuery(workspaceId, { limit: 8 }));
  return (
    <Panel
      title="Latest jobs"
      actions={
        <Anchor component={Link} to="/w/$workspaceId/jobs" params={{ workspaceId } as never} size="sm">
          All jobs
        </Anchor>
      }
    >
      <Loaded query={jobs}>
        {(data) =>
          data.items.length === 0 ? (
            <span>No job has been submitted yet. In a terminal: otherthing job run -- uname -a</span>
          ) : (
            <JobTable workspaceId={workspaceId} jobs={data.items} />
          )
        }
      </Loaded>
    </Panel>
  );
}
