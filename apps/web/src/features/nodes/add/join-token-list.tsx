import { Button, Text } from '@mantine/core';
import { type JoinToken, nodes } from '@otherthing/protocol/http';
import { Panel, When } from '@otherthing/ui';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api } from '../../../app/api.ts';
import { queryClient } from '../../../app/query-client.ts';
import { DataList } from '../../../ui/data-list.tsx';
import { notifyProblem } from '../../../ui/notify.ts';
import { joinTokensQuery } from '../queries.ts';

const usable = (token: JoinToken) =>
  token.revokedAt === null &&
  Date.parse(token.expiresAt) > Date.now() &&
  (token.reusable || token.uses === 0);

/** Join tokens that still let machines in. */
export function JoinTokenList(props: { workspaceId: string }) {
  const { workspaceId } = props;
  const tokens = useQuery(joinTokensQuery(workspaceId));
  const revoke = useMutation({
    mutationFn: (joinTokenId: string) =>
      api.call(nodes.deleteJoinToken, { params: { workspaceId, joinTokenId } }),
    onError: notifyProblem,
    onSettled: () => queryClient.invalidateQueries({ queryKey: [workspaceId, 'join-tokens'] }),
  });
  const open = (tokens.data?.items ?? []).filter(usable);
  if (open.length === 0) return null;
  return (
    <Panel title="Lines that still work">
      <DataList
        label="Join tokens"
        rows={open}
        rowKey={(token) => token.id}
        columns={[
          {
            key: 'name',
            header: 'Name',
            cell: (token) => (
              <Text size="sm" fw={500}>
                {token.name}
              </Text>
            ),
          },
          { key: 'by', header: 'Made by', cell: (token) => token.createdBy.name },
          { key: 'expires', header: 'Expires', cell: (token) => <When at={token.expiresAt} /> },
          {
            key: 'uses',
            header: 'Uses',
            right: true,
            cell: (token) => <span className="ot-num">{token.uses}</span>,
          },
          {
            key: 'revoke',
            header: 'Revoke',
            right: true,
            cell: (token) => (
              <Button
                size="xs"
                variant="default"
                loading={revoke.isPending && revoke.variables === token.id}
                onClick={() => revoke.mutate(token.id)}
                aria-label={`Revoke join token ${token.name}`}
              >
                Revoke
              </Button>
            ),
          },
        ]}
      />
    </Panel>
  );
}
