import { ActionIcon, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { type Job, jobs } from '@otherthing/protocol/http';
import type { Artifact } from '@otherthing/protocol/job-spec';
import { bytes, CopyButton, counted, Panel } from '@otherthing/ui';
import { IconDownload, IconEye } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '../../../app/api.ts';
import { DataList } from '../../../ui/data-list.tsx';
import { ArtifactPreview } from './artifact-preview.tsx';
import { canPreview } from './preview-kind.ts';

/** Files the job left: look at them, download them. */
export function Artifacts(props: { workspaceId: string; job: Job }) {
  const { workspaceId, job } = props;
  const [open, setOpen] = useState<Artifact>();
  const [all, setAll] = useState(false);
  const shown = all ? job.artifacts : job.artifacts.slice(0, 20);
  if (job.artifactCount === 0 && job.skipped.length === 0) return null;
  return (
    <Panel title="Artifacts">
      <Stack gap="md">
        <DataList
          label="Artifacts"
          rows={shown}
          rowKey={(artifact) => artifact.path}
          columns={[
            {
              key: 'path',
              header: 'File',
              cell: (artifact) => <span className="ot-mono">{artifact.path}</span>,
            },
            {
              key: 'size',
              header: 'Size',
              right: true,
              cell: (artifact) => <span className="ot-num">{bytes(artifact.size)}</span>,
            },
            { key: 'sha256', header: 'sha256', cell: (artifact) => <Digest artifact={artifact} /> },
            {
              key: 'get',
              header: 'Open',
              right: true,
              cell: (artifact) => (
                <ArtifactButtons {...{ workspaceId, job, artifact }} onPreview={() => setOpen(artifact)} />
              ),
            },
          ]}
        />
        {!all && job.artifacts.length > shown.length ? (
          <Group>
            <Button size="xs" variant="default" onClick={() => setAll(true)}>
              Show all {job.artifacts.length}
            </Button>
          </Group>
        ) : null}
        {job.artifactCount > job.artifacts.length ? (
          <Text size="sm" c="dimmed">
            The first {job.artifacts.length} of {counted(job.artifactCount, 'file')}. All of them by CLI:{' '}
            <span className="ot-mono">otherthing job artifacts {job.id}</span>
          </Text>
        ) : null}
        <Skipped job={job} />
      </Stack>
      {open ? (
        <ArtifactPreview
          workspaceId={workspaceId}
          jobId={job.id}
          artifact={open}
          onClose={() => setOpen(undefined)}
        />
      ) : null}
    </Panel>
  );
}

function Digest(props: { artifact: Artifact }) {
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end" style={{ display: 'inline-flex' }}>
      <span className="ot-mono" title={props.artifact.sha256}>
        {props.artifact.sha256.slice(0, 12)}
      </span>
      <CopyButton text={props.artifact.sha256} label={`Copy sha256 of ${props.artifact.path}`} />
    </Group>
  );
}

function ArtifactButtons(props: {
  workspaceId: string;
  job: Job;
  artifact: Artifact;
  onPreview: () => void;
}) {
  const { workspaceId, job, artifact } = props;
  const href = api.url(jobs.getArtifact, {
    params: { workspaceId, jobId: job.id },
    query: { path: artifact.path },
  });
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap" style={{ display: 'inline-flex' }}>
      {canPreview(artifact) ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Preview ${artifact.path}`}
          onClick={props.onPreview}
        >
          <IconEye size={16} stroke={1.5} />
        </ActionIcon>
      ) : null}
      <Anchor
        href={href}
        download={artifact.path.split('/').at(-1)}
        size="sm"
        aria-label={`Download ${artifact.path}`}
      >
        <IconDownload size={16} stroke={1.5} style={{ verticalAlign: 'middle' }} />
      </Anchor>
    </Group>
  );
}

function Skipped(props: { job: Job }) {
  const { skipped } = props.job;
  if (skipped.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={500}>
        Not collected:
      </Text>
      {skipped.slice(0, 20).map((each) => (
        <Text key={each.path} size="sm" c="dimmed">
          <span className="ot-mono">{each.path}</span>: {each.reason}
        </Text>
      ))}
      {skipped.length > 20 ? (
        <Text size="sm" c="dimmed">
          and {skipped.length - 20} more
        </Text>
      ) : null}
    </div>
  );
}
