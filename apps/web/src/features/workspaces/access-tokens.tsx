import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type AccessToken, workspaces } from '@otherthing/protocol/http';
import { Empty, Panel, When } from '@otherthing/ui';
import { IconKey } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../app/api.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { DataList } from '../../ui/data-list.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { CreateAccessToken } from './create-access-token.tsx';

/** Access tokens for programs: list, make, revoke. */
export function AccessTokens(props: { workspaceId: string }) {
  const { workspaceId } = props;
  const queries = useQueryClient();
  const [creating, create] = useDisclosure(false);
  const [revoking, setRevoking] = useState<AccessToken>();
  const queryKey = [workspaceId, 'access-tokens', 'list'];
  const tokens = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      api.call(workspaces.listAccessTokens, { params: { workspaceId }, query: { limit: 200 }, signal }),
  });
  const revoke = async () => {
    if (revoking) {
      await api.call(workspaces.deleteAccessToken, { params: { workspaceId, tokenId: revoking.id } });
      await queries.invalidateQueries({ queryKey });
    }
  };
  return (
    <Panel
      title="Access tokens"
      actions={
        <Button variant="default" size="xs" onClick={create.open}>
          Make a token
        </Button>
      }
    >
      <Loaded query={tokens}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty
              icon={<IconKey size={32} stroke={1.5} />}
              sentence="A token lets a program use this workspace with the rights you choose."
              command='otherthing token create "my program" --scope jobs:write --scope jobs:read'
            />
          ) : (
            <TokenTable items={data.items} onRevoke={setRevoking} />
          )
        }
      </Loaded>
      <CreateAccessToken workspaceId={workspaceId} opened={creating} onClose={create.close} />
      <Confirm
        opened={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={`Revoke ${revoking?.name ?? ''}?`}
        lost="Programs that use this token are refused from now on. This cannot be taken back."
        verb="Revoke token"
        act={revoke}
      />
    </Panel>
  );
}

function TokenTable(props: { items: readonly AccessToken[]; onRevoke: (token: AccessToken) => void }) {
  return (
    <DataList
      label="Access tokens"
      rows={props.items}
      rowKey={(token) => token.id}
      columns={[
        {
          key: 'name',
          header: 'Name',
          cell: (token) => (
            <Group gap="xs">
              <Text size="sm" fw={500}>
                {token.name}
              </Text>
              <span className="ot-mono">{token.prefix}…</span>
            </Group>
          ),
        },
        {
          key: 'scopes',
          header: 'Scopes',
          cell: (token) => <span className="ot-mono">{token.scopes.join(' ')}</span>,
        },
        {
          key: 'used',
          header: 'Last used',
          cell: (token) => (token.lastUsedAt ? <When at={token.lastUsedAt} /> : 'never'),
        },
        {
          key: 'expires',
          header: 'Expires',
          cell: (token) => (token.expiresAt ? <When at={token.expiresAt} /> : 'never'),
        },
        {
          key: 'revoke',
          header: 'Revoke',
          right: true,
          cell: (token) => (
            <Button
              size="xs"
              variant="default"
              onClick={() => props.onRevoke(token)}
              aria-label={`Revoke token ${token.name}`}
            >
              Revoke
            </Button>
          ),
        },
      ]}
    />
  );
}
