import { Button, Group, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { Panel } from '@otherthing/ui';
import type { KeyboardEvent } from 'react';
import type { Draft } from './draft.ts';
import { exampleJob } from './examples.ts';

type Props = { draft: Draft; change: (part: Partial<Draft>) => void };

const KINDS = [
  { value: 'shell', label: 'Shell' },
  { value: 'command', label: 'Command' },
  { value: 'script', label: 'JavaScript' },
];

/** Kind, text and name of the job. */
export function WhatToRun(props: Props) {
  const { draft, change } = props;
  return (
    <Panel
      title="What to run"
      actions={
        <SegmentedControl
          size="xs"
          data={KINDS}
          value={draft.kind}
          onChange={(kind) => change({ kind: kind as Draft['kind'] })}
          aria-label="Kind of job"
        />
      }
    >
      <Stack gap="md">
        {draft.kind === 'shell' ? <ShellText {...props} /> : null}
        {draft.kind === 'command' ? <CommandText {...props} /> : null}
        {draft.kind === 'script' ? <ScriptText {...props} /> : null}
        <TextInput
          label="Name"
          placeholder="the command, if left empty"
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          maxLength={80}
        />
      </Stack>
    </Panel>
  );
}

function ShellText({ draft, change }: Props) {
  return (
    <Editor
      label="Shell lines"
      description="Run by sh in the sandbox. Input files are in $OT_INPUT, what you leave in $OT_OUTPUT is kept."
      value={draft.shell}
      onChange={(shell) => change({ shell })}
      onExample={() => change({ shell: commandOf('process') })}
    />
  );
}

function CommandText({ draft, change }: Props) {
  return (
    <Stack gap="md">
      <TextInput
        label="Command line"
        description="Program and arguments, quoted as in a shell; nothing is expanded."
        placeholder="python3 count.py --top 20"
        value={draft.command}
        onChange={(event) => change({ command: event.currentTarget.value })}
        classNames={{ input: 'ot-mono' }}
        spellCheck={false}
        required
      />
      <Textarea
        label="Standard input"
        value={draft.stdin}
        onChange={(event) => change({ stdin: event.currentTarget.value })}
        classNames={{ input: 'ot-mono' }}
        autosize
        minRows={2}
        maxRows={10}
        spellCheck={false}
      />
    </Stack>
  );
}

function ScriptText({ draft, change }: Props) {
  return (
    <Stack gap="md">
      <Editor
        label="Script"
        description="Run in an interpreter without system access, on any node."
        value={draft.source}
        onChange={(source) => change({ source })}
        onExample={() => change({ source: commandOf('script') })}
      />
      <Textarea
        label="JSON input"
        placeholder='{ "top": 20 }'
        value={draft.input}
        onChange={(event) => change({ input: event.currentTarget.value })}
        classNames={{ input: 'ot-mono' }}
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={false}
      />
    </Stack>
  );
}

function commandOf(kind: 'process' | 'script'): string {
  const { spec } = exampleJob(kind);
  return spec.kind === 'script' ? spec.source : (spec.command[2] ?? '');
}

/** A text area for code: Ctrl+Enter submits; Tab moves on, as everywhere. */
function Editor(props: {
  label: string;
  description: string;
  value: string;
  onChange: (text: string) => void;
  onExample: () => void;
}) {
  const submit = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
  };
  return (
    <div>
      <Textarea
        label={props.label}
        description={props.description}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
        onKeyDown={submit}
        classNames={{ input: 'ot-mono' }}
        autosize
        minRows={8}
        maxRows={28}
        spellCheck={false}
        required
      />
      {props.value === '' ? (
        <Group gap="xs" mt={6}>
          <Text size="xs" c="dimmed">
            Nothing written yet.
          </Text>
          <Button size="compact-xs" variant="subtle" onClick={props.onExample}>
            Insert an example
          </Button>
        </Group>
      ) : null}
    </div>
  );
}
