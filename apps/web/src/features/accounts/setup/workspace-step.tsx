import { Button, Stack, Text, TextInput } from '@mantine/core';
import { Panel, Problem } from '@otherthing/ui';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useMe } from '../../../app/session.ts';
import { useCreateWorkspace } from '../../workspaces/create-workspace.tsx';

/** Step 2: the first workspace. */
export function WorkspaceStep() {
  const me = useMe();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const create = useCreateWorkspace(
    (workspaceId) => void navigate({ to: '/setup', search: { workspace: workspaceId }, replace: true }),
  );
  return (
    <Panel label="Workspace">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(name);
        }}
      >
        <Stack gap="md">
          <Text size="sm">
            A workspace holds your team's nodes, jobs and files. Nothing in it is seen by another workspace.
          </Text>
          <TextInput
            label="Workspace name"
            placeholder={me ? `${me.name.split(' ')[0]}'s lab` : 'Lab'}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={80}
            required
            data-autofocus
          />
          {create.error ? <Problem error={create.error} /> : null}
          <Button type="submit" loading={create.isPending}>
            Create workspace
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}
