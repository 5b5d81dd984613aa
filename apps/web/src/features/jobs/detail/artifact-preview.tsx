import { Button, Group, Image, Modal, Stack, Text } from '@mantine/core';
import { jobs } from '@otherthing/protocol/http';
import type { Artifact } from '@otherthing/protocol/job-spec';
import { bytes, Problem } from '@otherthing/ui';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../../app/api.ts';
import styles from './detail.module.css';
import { looksBinary, previewKind, TEXT_SHOWN } from './preview-kind.ts';

type Props = { workspaceId: string; jobId: string; artifact: Artifact; onClose: () => void };

/** The beginning of a text, or a picture. Nothing of a job's file is ever run as part of this page. */
export function ArtifactPreview(props: Props) {
  const { workspaceId, jobId, artifact } = props;
  const kind = previewKind(artifact);
  const content = useQuery({
    queryKey: [workspaceId, 'artifact', artifact.sha256, kind],
    queryFn: ({ signal }) => readArtifact({ workspaceId, jobId, artifact, kind }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
  const ask = { params: { workspaceId, jobId }, query: { path: artifact.path } };
  return (
    <Modal opened onClose={props.onClose} size="xl" title={<span className="ot-mono">{artifact.path}</span>}>
      <Stack gap="md">
        {content.error ? <Problem error={content.error} onRetry={() => void content.refetch()} /> : null}
        {content.data ? <Content data={content.data} artifact={artifact} /> : null}
        <Group justify="flex-end">
          <Button
            component="a"
            href={api.url(jobs.getArtifact, ask)}
            download={artifact.path.split('/').at(-1)}
            variant="default"
          >
            Download, {bytes(artifact.size)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

type Read =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly blob: Blob }
  | { readonly kind: 'binary' };

async function readArtifact(
  at: { workspaceId: string; jobId: string; artifact: Artifact; kind: 'image' | 'text' | 'none' },
  signal: AbortSignal,
): Promise<Read> {
  const { workspaceId, jobId, artifact, kind } = at;
  const headers: Record<string, string> =
    kind === 'text' && artifact.size > TEXT_SHOWN ? { range: `bytes=0-${TEXT_SHOWN - 1}` } : {};
  const response = await api.stream(jobs.getArtifact, {
    params: { workspaceId, jobId },
    query: { path: artifact.path },
    headers,
    signal,
  });
  if (kind === 'image') return { kind, blob: await response.blob() };
  const read = new Uint8Array(await response.arrayBuffer());
  return looksBinary(read) ? { kind: 'binary' } : { kind: 'text', text: new TextDecoder().decode(read) };
}

function Content(props: { data: Read; artifact: Artifact }) {
  const { data, artifact } = props;
  if (data.kind === 'image') return <Picture blob={data.blob} alt={artifact.path} />;
  if (data.kind === 'binary') return <Text size="sm">This file is not text. Download it to open it.</Text>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard */}
      <pre className={styles.preview} tabIndex={0}>
        {data.text}
      </pre>
      {artifact.size > TEXT_SHOWN ? (
        <Text size="sm" c="dimmed">
          The first {bytes(TEXT_SHOWN)} of {bytes(artifact.size)}.
        </Text>
      ) : null}
    </>
  );
}

function Picture(props: { blob: Blob; alt: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(props.blob);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [props.blob]);
  return url ? <Image src={url} alt={props.alt} fit="contain" mah="60vh" /> : null;
}
