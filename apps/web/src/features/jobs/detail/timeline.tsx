import { Anchor, Text } from '@mantine/core';
import type { Attempt, Job } from '@otherthing/protocol/http';
import { bytes, Elapsed, Panel, StateMark, When } from '@otherthing/ui';
import { Link } from '@tanstack/react-router';
import styles from './detail.module.css';

/** The way of the job: submitted, every attempt, its end. */
export function Timeline(props: { workspaceId: string; job: Job }) {
  const { job } = props;
  return (
    <Panel title="Timeline">
      <ol className={styles.timeline}>
        <li>
          <Text fw={500}>Submitted by {job.createdBy.name}</Text>
          <Text size="sm" c="dimmed">
            <When at={job.createdAt} />
          </Text>
        </li>
        {job.attemptList.map((attempt) => (
          <AttemptRow key={attempt.epoch} workspaceId={props.workspaceId} attempt={attempt} />
        ))}
        {job.endedAt ? (
          <li>
            <StateMark state={job.state} />
            <Text size="sm" c="dimmed">
              <When at={job.endedAt} />, <Elapsed from={job.createdAt} to={job.endedAt} /> after it was
              submitted
            </Text>
          </li>
        ) : null}
      </ol>
    </Panel>
  );
}

function AttemptRow(props: { workspaceId: string; attempt: Attempt }) {
  const { attempt } = props;
  return (
    <li>
      <Text fw={500} component="div">
        Attempt {attempt.epoch} on{' '}
        <Anchor
          component={Link}
          to="/w/$workspaceId/nodes/$nodeId"
          params={{ workspaceId: props.workspaceId, nodeId: attempt.node.id } as never}
          className="ot-mono"
        >
          {attempt.node.name}
        </Anchor>
      </Text>
      <StateMark state={attempt.state} />
      <Text size="sm" c="dimmed" component="div">
        assigned <When at={attempt.assignedAt} />
        {attempt.startedAt ? (
          <>
            , ran <Elapsed from={attempt.startedAt} to={attempt.endedAt} />
          </>
        ) : null}
        {attempt.exitCode === null ? '' : `, exit code ${attempt.exitCode}`}
        {attempt.outputBytes > 0 ? `, ${bytes(attempt.outputBytes)} of output` : ''}
      </Text>
      {attempt.failure ? <Text size="sm">{attempt.failure.message}</Text> : null}
    </li>
  );
}
