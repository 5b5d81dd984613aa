import { Group, Text } from '@mantine/core';
import type { Job } from '@otherthing/protocol/http';
import { CopyButton, Elapsed, When } from '@otherthing/ui';
import { JobStateMark } from '../job-state.tsx';
import styles from './detail.module.css';

/** The state in one line, and the failure right below it. */
export function JobHeadline(props: { job: Job }) {
  const { job } = props;
  return (
    <div>
      <Group gap="lg" className={styles.headline}>
        <JobStateMark job={job} age={false} />
        {job.startedAt ? (
          <Text span size="sm">
            ran <Elapsed from={job.startedAt} to={job.endedAt} />
          </Text>
        ) : (
          <Text span size="sm">
            submitted <When at={job.createdAt} />
          </Text>
        )}
        {job.node ? (
          <Text span size="sm">
            on <span className="ot-mono">{job.node.name}</span>
          </Text>
        ) : null}
        {job.exitCode === null ? null : (
          <Text span size="sm">
            exit code <span className="ot-num">{job.exitCode}</span>
          </Text>
        )}
        <Group gap={2}>
          <Text span size="sm" c="dimmed" className="ot-mono">
            {job.id}
          </Text>
          <CopyButton text={job.id} label="Copy job id" />
        </Group>
      </Group>
    </div>
  );
}
