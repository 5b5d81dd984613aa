import { Text } from '@mantine/core';
import type { JobSummary } from '@otherthing/protocol/http';
import { isFinal } from '@otherthing/protocol/job-spec';
import { StateMark, When } from '@otherthing/ui';

/** State of a job and how long it has been so. */
export function JobStateMark(props: { job: JobSummary; age?: boolean }) {
  const { job } = props;
  const state = job.cancelRequested && !isFinal(job.state) ? 'cancelling' : job.state;
  return (
    <StateMark state={state}>
      {props.age === false ? null : (
        <Text span size="sm" c="dimmed" fw={400}>
          {', '}
          <When at={job.endedAt ?? job.startedAt ?? job.createdAt} />
        </Text>
      )}
    </StateMark>
  );
}
