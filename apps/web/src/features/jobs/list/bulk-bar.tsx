import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type JobSummary, jobs } from '@otherthing/protocol/http';
import { isFinal } from '@otherthing/protocol/job-spec';
import { counted } from '@otherthing/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../../app/api.ts';
import { Confirm } from '../../../ui/confirm.tsx';
import { notifyDone, notifyProblem } from '../../../ui/notify.ts';
import { saveText } from '../../../ui/save.ts';
import type { Selection } from './job-table.tsx';
import { jobsAsCsv } from './jobs-csv.ts';

/** Which rows of the shown page are chosen; rows that left the page are not. */
export function useSelection(shown: readonly JobSummary[]): Selection & { readonly clear: () => void } {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = new Set(shown.map((job) => job.id).filter((id) => chosen.has(id)));
  return {
    ids,
    clear: () => setChosen(new Set()),
    toggle: (id) =>
      setChosen(ids.has(id) ? new Set([...ids].filter((each) => each !== id)) : new Set([...ids, id])),
  };
}

/** What can be done with the chosen jobs: cancel those that run, delete those that ended, export. */
export function BulkBar(props: {
  workspaceId: string;
  jobs: readonly JobSummary[];
  selection: ReturnType<typeof useSelection>;
}) {
  const { workspaceId, selection } = props;
  const queries = useQueryClient();
  const [deleting, remove] = useDisclosure(false);
  const chosen = props.jobs.filter((job) => selection.ids.has(job.id));
  const active = chosen.filter((job) => !isFinal(job.state));
  const ended = chosen.filter((job) => isFinal(job.state));
  const settle = () => queries.invalidateQueries({ queryKey: [workspaceId, 'jobs'] });
  const cancel = useMutation({
    mutationFn: async () => {
      for (const job of active) await api.call(jobs.cancelJob, { params: { workspaceId, jobId: job.id } });
      notifyDone(`${counted(active.length, 'job')} asked to stop.`);
    },
    onError: notifyProblem,
    onSettled: settle,
  });
  const deleteAll = async () => {
    for (const job of ended) await api.call(jobs.deleteJob, { params: { workspaceId, jobId: job.id } });
    selection.clear();
    await settle();
  };
  return (
    <Group justify="space-between" mih={30}>
      <Group gap="sm">
        <Text size="sm" c="dimmed">
          {chosen.length === 0
            ? 'Select jobs to cancel or delete several at once.'
            : `${chosen.length} selected`}
        </Text>
        {active.length > 0 ? (
          <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel {active.length}
          </Button>
        ) : null}
        {ended.length > 0 ? (
          <Button size="xs" variant="default" c="var(--ot-failed)" onClick={remove.open}>
            Delete {ended.length}
          </Button>
        ) : null}
      </Group>
      <Button
        size="xs"
        variant="subtle"
        onClick={() => saveText('jobs.csv', jobsAsCsv(chosen.length > 0 ? chosen : props.jobs))}
      >
        Export as CSV
      </Button>
      <Confirm
        opened={deleting}
        onClose={remove.close}
        title={`Delete ${counted(ended.length, 'job')}?`}
        lost="Their output and artifacts are deleted with them. This cannot be taken back."
        verb="Delete jobs"
        act={deleteAll}
      />
    </Group>
  );
}
