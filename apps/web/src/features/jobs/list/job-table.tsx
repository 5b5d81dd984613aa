import { Anchor, Checkbox, Text } from '@mantine/core';
import type { JobSummary } from '@otherthing/protocol/http';
import { Elapsed, When } from '@otherthing/ui';
import { Link } from '@tanstack/react-router';
import { type Column, DataList } from '../../../ui/data-list.tsx';
import { JobStateMark } from '../job-state.tsx';

export type Selection = {
  readonly ids: ReadonlySet<string>;
  readonly toggle: (jobId: string) => void;
};

export function JobTable(props: { workspaceId: string; jobs: readonly JobSummary[]; selection?: Selection }) {
  const { selection } = props;
  const columns: Column<JobSummary>[] = [
    {
      key: 'name',
      header: 'Job',
      cell: (job) => <Name workspaceId={props.workspaceId} job={job} {...(selection ? { selection } : {})} />,
    },
    { key: 'state', header: 'State', cell: (job) => <JobStateMark job={job} /> },
    {
      key: 'node',
      header: 'Node',
      cell: (job) =>
        job.node ? (
          <span className="ot-mono">{job.node.name}</span>
        ) : (
          <Text span c="dimmed">
            none yet
          </Text>
        ),
    },
    { key: 'by', header: 'By', cell: (job) => job.createdBy.name },
    { key: 'created', header: 'Submitted', cell: (job) => <When at={job.createdAt} /> },
    {
      key: 'ran',
      header: 'Ran',
      right: true,
      cell: (job) =>
        job.startedAt ? (
          <Elapsed from={job.startedAt} to={job.endedAt} />
        ) : (
          <Text span c="dimmed">
            not yet
          </Text>
        ),
    },
  ];
  return <DataList label="Jobs" rows={props.jobs} columns={columns} rowKey={(job) => job.id} />;
}

function Name(props: { workspaceId: string; job: JobSummary; selection?: Selection }) {
  const { job, selection } = props;
  return (
    <div style={{ display: 'flex', gap: 10, alignItems: 'flex-start' }}>
      {selection ? (
        <Checkbox
          mt={2}
          aria-label={`Select job ${job.name}`}
          checked={selection.ids.has(job.id)}
          onChange={() => selection.toggle(job.id)}
        />
      ) : null}
      <div style={{ minWidth: 0 }}>
        <Anchor
          component={Link}
          to="/w/$workspaceId/jobs/$jobId"
          params={{ workspaceId: props.workspaceId, jobId: job.id } as never}
          fw={500}
          lineClamp={1}
          maw={360}
        >
          {job.name}
        </Anchor>
        {job.failure ? (
          <Text size="xs" c="dimmed" lineClamp={1} maw={360} title={job.failure.message}>
            {job.failure.message}
          </Text>
        ) : null}
      </div>
    </div>
  );
}
