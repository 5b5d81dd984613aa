import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useWorkspaceId } from '../../../app/workspace.ts';
import { Page } from '../../../ui/page.tsx';
import { ByShareKey } from './by-share-key.tsx';
import { ByToken } from './by-token.tsx';

/** Two ways to lend a machine: one line on it, or its share key typed here. */
export function AddNodePage() {
  const workspaceId = useWorkspaceId();
  const { by, token } = useSearch({ strict: false });
  const navigate = useNavigate();
  return (
    <Page
      title="Add a node"
      narrow
      crumbs={[{ label: 'Nodes', link: { to: '/w/$workspaceId/nodes', params: { workspaceId } } }]}
    >
      <Tabs
        value={by === 'key' ? 'key' : 'token'}
        onChange={(value) =>
          void navigate({
            to: '/w/$workspaceId/nodes/add',
            params: { workspaceId },
            search: { by: value ?? undefined, token },
            replace: true,
          })
        }
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="token">Run one line</Tabs.Tab>
          <Tabs.Tab value="key">Type a share key</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="token">
          <ByToken workspaceId={workspaceId} tokenId={token} />
        </Tabs.Panel>
        <Tabs.Panel value="key">
          <ByShareKey workspaceId={workspaceId} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
