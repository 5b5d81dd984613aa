import { Button, Stack, Text } from '@mantine/core';
import { counted, Empty } from '@otherthing/ui';
import { IconActivity, IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useWorkspaceId } from '../../../app/workspace.ts';
import { parseFilter } from '../../../ui/filter/filter.ts';
import { FilterBox } from '../../../ui/filter/filter-box.tsx';
import { Loaded } from '../../../ui/loaded.tsx';
import { Page } from '../../../ui/page.tsx';
import { Pager } from '../../../ui/pager.tsx';
import { nodesQuery } from '../../nodes/queries.ts';
import { jobsQuery } from '../queries.ts';
import { BulkBar, useSelection } from './bulk-bar.tsx';
import { jobFields, jobListQuery } from './job-filter.ts';
import { JobTable } from './job-table.tsx';

/** Jobs of the workspace, newest first. */
export function JobsPage() {
  const workspaceId = useWorkspaceId();
  const { q, cursor } = useSearch({ strict: false });
  const navigate = useNavigate();
  const nodes = useQuery(nodesQuery(workspaceId, { limit: 200 }));
  const named = nodes.data?.items ?? [];
  const fields = jobFields(named);
  const { query, problem } = jobListQuery(parseFilter(q ?? '', fields), named);
  const jobs = useQuery({
    ...jobsQuery(workspaceId, { ...query, cursor, limit: 50 }),
    enabled: !(query.node === undefined && nodes.isPending && q?.includes('node:')),
  });
  const search = (next: { q?: string | undefined; cursor?: string | undefined }) =>
    void navigate({ to: '/w/$workspaceId/jobs', params: { workspaceId }, search: next });
  return (
    <Page
      title="Jobs"
      lead={
        <FilterBox
          label="Filter jobs"
          placeholder="state:failed node:atlas by:me name"
          value={q ?? ''}
          fields={fields}
          onChange={(text) => search({ q: text || undefined })}
        />
      }
      action={<RunButton workspaceId={workspaceId} />}
    >
      {problem ? (
        <Text size="sm" c="var(--ot-waiting)" role="status">
          {problem}
        </Text>
      ) : (
        <Loaded query={jobs}>
          {(data) =>
            data.items.length === 0 ? (
              <NoJobs
                workspaceId={workspaceId}
                filtered={q !== undefined || cursor !== undefined}
                onClear={() => search({})}
              />
            ) : (
              <JobPage
                workspaceId={workspaceId}
                page={data}
                cursor={cursor}
                go={(to) => search({ q, cursor: to })}
              />
            )
          }
        </Loaded>
      )}
    </Page>
  );
}

type JobsPageData = { items: Parameters<typeof JobTable>[0]['jobs'][number][]; next: string | null };

function JobPage(props: {
  workspaceId: string;
  page: JobsPageData;
  cursor: string | undefined;
  go: (cursor: string | undefined) => void;
}) {
  const { page } = props;
  const selection = useSelection(page.items);
  return (
    <Stack gap="md">
      <BulkBar workspaceId={props.workspaceId} jobs={page.items} selection={selection} />
      <JobTable workspaceId={props.workspaceId} jobs={page.items} selection={selection} />
      <Pager
        cursor={props.cursor}
        next={page.next}
        shown={`${counted(page.items.length, 'job')}, newest first`}
        go={props.go}
      />
    </Stack>
  );
}

function RunButton(props: { workspaceId: string }) {
  return (
    <Button
      component={Link}
      to="/w/$workspaceId/jobs/new"
      params={{ workspaceId: props.workspaceId } as never}
      leftSection={<IconPlayerPlay size={16} stroke={1.5} />}
    >
      Run a job
    </Button>
  );
}

function NoJobs(props: { workspaceId: string; filtered: boolean; onClear: () => void }) {
  const icon = <IconActivity size={36} stroke={1.5} />;
  if (props.filtered) {
    return (
      <Empty
        icon={icon}
        sentence="No job fits this filter."
        action={
          <Button variant="default" onClick={props.onClear}>
            Clear the filter
          </Button>
        }
      />
    );
  }
  return (
    <Empty
      icon={icon}
      sentence="No job has been submitted to this workspace yet."
      action={
        <Button
          component={Link}
          to="/w/$workspaceId/jobs/new"
          params={{ workspaceId: props.workspaceId } as never}
          variant="default"
        >
          Run your first job
        </Button>
      }
      command="otherthing job run -- uname -a"
    />
  );
}
