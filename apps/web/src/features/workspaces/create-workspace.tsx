import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { workspaces } from '@otherthing/protocol/http';
import { Problem } from '@otherthing/ui';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../app/api.ts';
import { queryClient } from '../../app/query-client.ts';
import { workspacesQuery } from '../../app/session.ts';

/** Makes a workspace, then calls `onCreated` with its id. */
export function useCreateWorkspace(onCreated: (workspaceId: string) => void) {
  return useMutation({
    mutationFn: (name: string) => api.call(workspaces.postWorkspace, { body: { name } }),
    onSuccess: async (workspace) => {
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
      onCreated(workspace.id);
    },
  });
}

export function CreateWorkspace(props: {
  opened: boolean;
  onClose: () => void;
  onCreated: (workspaceId: string) => void;
}) {
  const [name, setName] = useState('');
  const create = useCreateWorkspace((workspaceId) => {
    setName('');
    props.onClose();
    props.onCreated(workspaceId);
  });
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Create a workspace">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(name);
        }}
      >
        <Stack gap="md">
          <TextInput
            label="Workspace name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={80}
            required
            data-autofocus
          />
          {create.error ? <Problem error={create.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending}>
              Create workspace
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
