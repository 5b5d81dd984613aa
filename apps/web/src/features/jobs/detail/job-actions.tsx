import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type Job, jobs } from '@otherthing/protocol/http';
import { isFinal } from '@otherthing/protocol/job-spec';
import { counted } from '@otherthing/ui';
import { IconPencil, IconPlayerStop, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api } from '../../../app/api.ts';
import { Confirm } from '../../../ui/confirm.tsx';
import { notifyProblem } from '../../../ui/notify.ts';
import { respec } from '../submit/respec.ts';
import { submitJob } from '../submit/submit-job.ts';

type Props = { workspaceId: string; job: Job };

/** Cancel while it runs; afterwards run again, edit and run, delete. */
export function JobActions(props: Props) {
  return isFinal(props.job.state) ? <EndedActions {...props} /> : <ActiveActions {...props} />;
}

function ActiveActions({ workspaceId, job }: Props) {
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => api.call(jobs.cancelJob, { params: { workspaceId, jobId: job.id } }),
    onError: notifyProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: [workspaceId, 'jobs'] }),
  });
  return (
    <>
      <EditAndRun workspaceId={workspaceId} job={job} />
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={16} stroke={1.5} />}
        loading={cancel.isPending}
        disabled={job.cancelRequested}
        onClick={() => cancel.mutate()}
      >
        {job.cancelRequested ? 'Cancelling' : 'Cancel job'}
      </Button>
    </>
  );
}

function EndedActions({ workspaceId, job }: Props) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [deleting, remove] = useDisclosure(false);
  const again = useMutation({
    mutationFn: () => submitJob(workspaceId, respec(job.spec)),
    onError: notifyProblem,
    onSuccess: (jobId) => navigate({ to: '/w/$workspaceId/jobs/$jobId', params: { workspaceId, jobId } }),
  });
  const deleteJob = async () => {
    await api.call(jobs.deleteJob, { params: { workspaceId, jobId: job.id } });
    await navigate({ to: '/w/$workspaceId/jobs', params: { workspaceId } });
    queries.removeQueries({ queryKey: [workspaceId, 'jobs', 'detail', job.id] });
    await queries.invalidateQueries({ queryKey: [workspaceId, 'jobs'] });
  };
  return (
    <>
      <Button variant="default" leftSection={<IconTrash size={16} stroke={1.5} />} onClick={remove.open}>
        Delete
      </Button>
      <EditAndRun workspaceId={workspaceId} job={job} />
      {job.spec.secrets.length === 0 ? (
        <Button
          leftSection={<IconRefresh size={16} stroke={1.5} />}
          loading={again.isPending}
          onClick={() => again.mutate()}
        >
          Run again
        </Button>
      ) : null}
      <Confirm
        opened={deleting}
        onClose={remove.close}
        title={`Delete ${job.name}?`}
        lost={`Its output and ${counted(job.artifactCount, 'artifact')} are deleted with it. This cannot be taken back.`}
        verb="Delete job"
        act={deleteJob}
      />
    </>
  );
}

function EditAndRun({ workspaceId, job }: Props) {
  return (
    <Button
      variant="default"
      component={Link}
      to="/w/$workspaceId/jobs/new"
      params={{ workspaceId } as never}
      search={{ from: job.id } as never}
      leftSection={<IconPencil size={16} stroke={1.5} />}
    >
      Edit and run
    </Button>
  );
}
