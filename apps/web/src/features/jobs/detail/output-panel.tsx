import { SegmentedControl, Text } from '@mantine/core';
import type { Attempt, Job } from '@otherthing/protocol/http';
import { bytes, Panel } from '@otherthing/ui';
import { useState } from 'react';
import { OutputView } from '../output/output-view.tsx';

const isRunning = (attempt: Attempt) => attempt.state === 'starting' || attempt.state === 'running';

/** Output of the current attempt, or of an earlier one. */
export function OutputPanel(props: { workspaceId: string; job: Job }) {
  const { workspaceId, job } = props;
  const [chosen, setChosen] = useState<number>();
  const attempts = job.attemptList;
  const current = attempts.at(-1);
  const attempt = attempts.find((each) => each.epoch === chosen) ?? current;
  if (!attempt) {
    return (
      <Panel title="Output">
        <Text size="sm" c="dimmed">
          Output shows here as soon as the job starts.
        </Text>
      </Panel>
    );
  }
  return (
    <Panel
      title="Output"
      actions={
        attempts.length > 1 ? (
          <SegmentedControl
            size="xs"
            aria-label="Attempt"
            data={attempts.map((each) => ({ value: String(each.epoch), label: `Attempt ${each.epoch}` }))}
            value={String(attempt.epoch)}
            onChange={(value) => setChosen(Number(value))}
          />
        ) : undefined
      }
    >
      {job.output.cutBytes > 0 && attempt === current ? (
        <Text size="sm" c="var(--ot-waiting)" mb="sm">
          Output is kept up to {bytes(job.output.bytes)}; {bytes(job.output.cutBytes)} after it were cut.
          Write large results to files in $OT_OUTPUT instead.
        </Text>
      ) : null}
      <OutputView
        key={attempt.epoch}
        place={{ workspaceId, jobId: job.id, epoch: attempt.epoch }}
        bytes={attempt.outputBytes}
        name={`${job.id}-${attempt.epoch}.log`}
        running={isRunning(attempt)}
      />
    </Panel>
  );
}
