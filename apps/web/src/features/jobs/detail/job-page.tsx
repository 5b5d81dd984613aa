import { Stack } from '@mantine/core';
import type { Job } from '@otherthing/protocol/http';
import { isFinal } from '@otherthing/protocol/job-spec';
import { Panel } from '@otherthing/ui';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useConnection } from '../../../app/live.tsx';
import { useWorkspaceId } from '../../../app/workspace.ts';
import { Loaded } from '../../../ui/loaded.tsx';
import { Page } from '../../../ui/page.tsx';
import { jobQuery } from '../queries.ts';
import { Artifacts } from './artifacts.tsx';
import { JobActions } from './job-actions.tsx';
import { JobFacts } from './job-facts.tsx';
import { JobHeadline } from './job-headline.tsx';
import { OutputPanel } from './output-panel.tsx';
import { Timeline } from './timeline.tsx';
import { Why } from './why.tsx';

/** One job: its state, why, what can be done, its way, its output and what it left. */
export function JobPage() {
  const workspaceId = useWorkspaceId();
  const { jobId = '' } = useParams({ strict: false });
  const { state } = useConnection();
  const job = useQuery({
    ...jobQuery(workspaceId, jobId),
    // Events bring changes at once; without a connection a slow poll keeps the page honest.
    refetchInterval: ({ state: { data } }) =>
      data && isFinal(data.state) ? false : state === 'live' ? 10_000 : 3000,
  });
  return (
    <Page
      title={job.data?.name ?? 'Job'}
      crumbs={[{ label: 'Jobs', link: { to: '/w/$workspaceId/jobs', params: { workspaceId } } }]}
      lead={job.data ? <JobHeadline job={job.data} /> : null}
      action={job.data ? <JobActions workspaceId={workspaceId} job={job.data} /> : null}
    >
      <Loaded query={job}>{(data) => <Detail workspaceId={workspaceId} job={data} />}</Loaded>
    </Page>
  );
}

function Detail(props: { workspaceId: string; job: Job }) {
  const { job } = props;
  return (
    <Stack gap="lg">
      <Why workspaceId={props.workspaceId} job={job} />
      <OutputPanel workspaceId={props.workspaceId} job={job} />
      {job.result === undefined ? null : <Result value={job.result} />}
      <Artifacts workspaceId={props.workspaceId} job={job} />
      <Timeline workspaceId={props.workspaceId} job={job} />
      <JobFacts workspaceId={props.workspaceId} job={job} />
    </Stack>
  );
}

/** The JSON a script returned. */
function Result(props: { value: unknown }) {
  return (
    <Panel title="Result">
      <pre className="ot-mono" style={{ margin: 0, overflow: 'auto', maxHeight: 320 }}>
        {JSON.stringify(props.value, null, 2)}
      </pre>
    </Panel>
  );
}
