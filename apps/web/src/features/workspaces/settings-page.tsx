import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type Workspace, workspaces } from '@otherthing/protocol/http';
import { CopyButton, Facts, Panel, Problem, When } from '@otherthing/ui';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../app/api.ts';
import { queryClient } from '../../app/query-client.ts';
import { workspacesQuery } from '../../app/session.ts';
import { useWorkspaceId } from '../../app/workspace.ts';
import { Loaded } from '../../ui/loaded.tsx';
import { notifyDone } from '../../ui/notify.ts';
import { Page } from '../../ui/page.tsx';
import { PasswordForm } from '../accounts/password-form.tsx';
import { Sessions } from '../accounts/sessions.tsx';
import { AccessTokens } from './access-tokens.tsx';

/** The workspace's name and access tokens, and the person's own sessions and password. */
export function SettingsPage() {
  const workspaceId = useWorkspaceId();
  const workspace = useQuery({
    queryKey: ['me', 'workspaces', workspaceId],
    queryFn: ({ signal }) => api.call(workspaces.getWorkspace, { params: { workspaceId }, signal }),
  });
  return (
    <Page title="Settings" narrow>
      <Loaded query={workspace}>{(data) => <General key={data.id} workspace={data} />}</Loaded>
      <AccessTokens workspaceId={workspaceId} />
      <Sessions />
      <PasswordForm />
    </Page>
  );
}

const mayRename = (workspace: Workspace) => workspace.role === 'owner' || workspace.role === 'admin';

function General(props: { workspace: Workspace }) {
  const { workspace } = props;
  const [name, setName] = useState(workspace.name);
  const rename = useMutation({
    mutationFn: () =>
      api.call(workspaces.patchWorkspace, { params: { workspaceId: workspace.id }, body: { name } }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
      notifyDone('The workspace is renamed.');
    },
  });
  return (
    <Panel title="Workspace">
      <Stack gap="md">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            rename.mutate();
          }}
        >
          <Group align="flex-end" gap="sm">
            <TextInput
              label="Workspace name"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={80}
              required
              readOnly={!mayRename(workspace)}
              flex={1}
              miw={180}
            />
            {mayRename(workspace) ? (
              <Button type="submit" loading={rename.isPending} disabled={name.trim() === workspace.name}>
                Rename
              </Button>
            ) : null}
          </Group>
        </form>
        {rename.error ? <Problem error={rename.error} /> : null}
        <Facts
          items={[
            [
              'Id',
              <Group key="id" gap={4} wrap="nowrap">
                <span className="ot-mono">{workspace.id}</span>
                <CopyButton text={workspace.id} label="Copy workspace id" />
              </Group>,
            ],
            [
              'Your role',
              <Text key="role" span size="sm">
                {workspace.role}
              </Text>,
            ],
            ['Made', <When key="made" at={workspace.createdAt} />],
          ]}
        />
      </Stack>
    </Panel>
  );
}
