import { Button, Group, Stack } from '@mantine/core';
import { Problem } from '@otherthing/ui';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef } from 'react';
import { useWorkspaceId } from '../../../app/workspace.ts';
import { Page } from '../../../ui/page.tsx';
import { parseLabels } from '../../nodes/labels.ts';
import { specOf } from './draft.ts';
import { useDraft, useUploads, type Writing, writingFor } from './draft-store.ts';
import { EnvironmentFields } from './environment-fields.tsx';
import { useFilledDraft } from './filled-draft.ts';
import { Fit } from './fit.tsx';
import { InputFiles } from './input-files.tsx';
import { randomKey } from './random-key.ts';
import { ResourceFields } from './resource-fields.tsx';
import { submitJob } from './submit-job.ts';
import { WhatToRun } from './what-to-run.tsx';

/** Write a job and submit it. */
export function SubmitPage() {
  const workspaceId = useWorkspaceId();
  const search = useSearch({ strict: false });
  const writing = writingFor(workspaceId);
  const filling = useFilledDraft(workspaceId, writing, search);
  return (
    <Page
      title={search.from ? 'Edit and run' : 'Run a job'}
      narrow
      crumbs={[{ label: 'Jobs', link: { to: '/w/$workspaceId/jobs', params: { workspaceId } } }]}
    >
      {filling.error ? <Problem error={filling.error} /> : null}
      <JobForm workspaceId={workspaceId} writing={writing} />
    </Page>
  );
}

function JobForm(props: { workspaceId: string; writing: Writing }) {
  const { workspaceId, writing } = props;
  const draft = useDraft(writing);
  const submit = useSubmit(workspaceId, writing);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit.mutate();
      }}
    >
      <Stack gap="lg">
        <WhatToRun draft={draft} change={writing.change} />
        <InputFiles writing={writing} />
        <EnvironmentFields draft={draft} change={writing.change} />
        <ResourceFields workspaceId={workspaceId} draft={draft} change={writing.change} />
        <Fit workspaceId={workspaceId} draft={draft} />
        {submit.error ? <Problem error={submit.error} title="The job was not submitted" /> : null}
        <SubmitBar writing={writing} busy={submit.isPending} />
      </Stack>
    </form>
  );
}

function SubmitBar(props: { writing: Writing; busy: boolean }) {
  const { writing, busy } = props;
  const uploads = useUploads(writing);
  return (
    <Group justify="space-between">
      <Button
        variant="default"
        onClick={() => {
          writing.source = undefined;
          writing.reset();
        }}
      >
        Start over
      </Button>
      <Button
        type="submit"
        loading={busy}
        disabled={uploads.busy || uploads.failed > 0}
        leftSection={<IconPlayerPlay size={16} stroke={1.5} />}
      >
        {uploads.busy ? 'Waiting for the upload' : 'Run job'}
      </Button>
    </Group>
  );
}

/** One press, one job: a repeat after a lost answer carries the same key. */
function useSubmit(workspaceId: string, writing: Writing) {
  const navigate = useNavigate();
  const key = useRef({ spec: '', key: randomKey() });
  return useMutation({
    mutationFn: () => {
      const draft = writing.draft();
      const spec = specOf(draft, writing.uploads.inputs(), parseLabels(draft.labels));
      const text = JSON.stringify(spec);
      if (key.current.spec !== text) key.current = { spec: text, key: randomKey() };
      return submitJob(workspaceId, spec, key.current.key);
    },
    onSuccess: async (jobId) => {
      await navigate({ to: '/w/$workspaceId/jobs/$jobId', params: { workspaceId, jobId } });
      writing.source = undefined;
      writing.reset();
    },
  });
}
