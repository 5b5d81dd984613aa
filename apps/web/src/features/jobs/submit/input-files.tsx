import { ActionIcon, Button, FileButton, Group, Progress, ScrollArea, Stack, Text } from '@mantine/core';
import { bytes, counted, duration, Panel, Problem } from '@otherthing/ui';
import { IconFolderUp, IconTrash, IconUpload } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import { useUploads, type Writing } from './draft-store.ts';
import { droppedFiles, type PickedFile, pickedFiles } from './dropped-files.ts';
import styles from './submit.module.css';
import type { UploadItem, UploadSummary } from './uploads.ts';

/** Files and folders the job reads, uploaded while the rest is written. */
export function InputFiles(props: { writing: Writing }) {
  const { uploads } = props.writing;
  const summary = useUploads(props.writing);
  const [over, setOver] = useState(false);
  const add = (files: readonly PickedFile[]) => uploads.add(files);
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add(await droppedFiles(event.dataTransfer));
  };
  return (
    <Panel title="Input files">
      <section
        aria-label="Drop input files here"
        className={`${styles.drop} ${over ? styles.over : ''}`}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => void drop(event)}
      >
        <Text size="sm">Drop files or a folder here. The job finds them in $OT_INPUT.</Text>
        <Pickers onPick={add} />
      </section>
      {summary.items.length > 0 ? <UploadList writing={props.writing} summary={summary} /> : null}
    </Panel>
  );
}

function Pickers(props: { onPick: (files: readonly PickedFile[]) => void }) {
  const folder = useRef<HTMLInputElement>(null);
  return (
    <Group gap="sm" justify="center">
      <FileButton
        multiple
        onChange={(files) => props.onPick(pickedFiles(files))}
        inputProps={{ 'aria-label': 'Input files' }}
      >
        {(field) => (
          <Button {...field} size="xs" variant="default" leftSection={<IconUpload size={14} stroke={1.5} />}>
            Choose files
          </Button>
        )}
      </FileButton>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconFolderUp size={14} stroke={1.5} />}
        onClick={() => folder.current?.click()}
      >
        Choose a folder
      </Button>
      <input
        ref={folder}
        type="file"
        hidden
        multiple
        aria-label="Input folder"
        {...{ webkitdirectory: '' }}
        onChange={(event) => {
          if (event.currentTarget.files) props.onPick(pickedFiles(event.currentTarget.files));
          event.currentTarget.value = '';
        }}
      />
    </Group>
  );
}

const SHOWN = 200;

function UploadList(props: { writing: Writing; summary: UploadSummary }) {
  const { summary } = props;
  const { uploads } = props.writing;
  const firstFailed = summary.items.find((item) => item.state === 'failed');
  return (
    <Stack gap="sm" mt="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm" role="status">
          {progressText(summary)}
        </Text>
        <Group gap="xs">
          {summary.failed > 0 ? (
            <Button size="xs" variant="default" onClick={() => uploads.retryFailed()}>
              Try again
            </Button>
          ) : null}
          <Button size="xs" variant="default" onClick={() => uploads.clear()}>
            {summary.busy ? 'Cancel upload' : 'Remove all'}
          </Button>
        </Group>
      </Group>
      {summary.busy ? (
        <Progress
          value={summary.bytes > 0 ? (100 * summary.sent) / summary.bytes : 0}
          aria-label="Upload"
          size="sm"
        />
      ) : null}
      {firstFailed ? <Problem title={firstFailed.path} error={firstFailed.error} /> : null}
      <ScrollArea.Autosize
        mah={220}
        type="auto"
        viewportProps={{ tabIndex: 0, 'aria-label': 'Chosen files' }}
      >
        <ul className={styles.files}>
          {summary.items.slice(0, SHOWN).map((item) => (
            <FileRow key={item.path} item={item} onRemove={() => uploads.remove(item.path)} />
          ))}
        </ul>
      </ScrollArea.Autosize>
      {summary.items.length > SHOWN ? (
        <Text size="xs" c="dimmed">
          and {counted(summary.items.length - SHOWN, 'more file')}
        </Text>
      ) : null}
    </Stack>
  );
}

function progressText(summary: UploadSummary): string {
  const all = `${counted(summary.items.length, 'file')}, ${bytes(summary.bytes)}`;
  if (!summary.busy) return summary.failed > 0 ? `${all}, ${summary.failed} failed` : `${all}, ready`;
  if (summary.rate < 1) return `${bytes(summary.sent)} of ${all}`;
  const left = duration(((summary.bytes - summary.sent) / summary.rate) * 1000);
  return `${bytes(summary.sent)} of ${all}, ${bytes(summary.rate)}/s, ${left} left`;
}

const WORDS = {
  waiting: 'waiting',
  hashing: 'reading',
  uploading: 'uploading',
  done: 'ready',
  failed: 'failed',
};

function FileRow(props: { item: UploadItem; onRemove: () => void }) {
  const { item } = props;
  return (
    <li className={styles.file}>
      <span className={`ot-mono ${styles.path}`} title={item.path}>
        {item.path}
      </span>
      <span className="ot-num">{bytes(item.size)}</span>
      <Text span size="xs" c="dimmed" w={64}>
        {WORDS[item.state]}
      </Text>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={`Remove ${item.path}`}
        onClick={props.onRemove}
      >
        <IconTrash size={14} stroke={1.5} />
      </ActionIcon>
    </li>
  );
}
