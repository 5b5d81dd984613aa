import { Badge, Button, Group, Text } from '@mantine/core';
import { accounts, type Session } from '@otherthing/protocol/http';
import { Panel, When } from '@otherthing/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../app/api.ts';
import { DataList } from '../../ui/data-list.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { notifyProblem } from '../../ui/notify.ts';

/** Where the person is signed in, with a way to end each. */
export function Sessions() {
  const queries = useQueryClient();
  const sessions = useQuery({
    queryKey: ['me', 'sessions'],
    queryFn: ({ signal }) => api.call(accounts.listSessions, { signal }),
  });
  const end = useMutation({
    mutationFn: (sessionId: string) => api.call(accounts.deleteSession, { params: { sessionId } }),
    onError: notifyProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ['me', 'sessions'] }),
  });
  return (
    <Panel title="Where you are signed in">
      <Loaded query={sessions}>
        {(data) => (
          <DataList
            label="Sessions"
            rows={data.items}
            rowKey={(session) => session.id}
            columns={[
              { key: 'client', header: 'Client', cell: (session) => <Client session={session} /> },
              {
                key: 'address',
                header: 'Address',
                cell: (session) => <span className="ot-mono">{session.address ?? 'unknown'}</span>,
              },
              {
                key: 'used',
                header: 'Last used',
                cell: (session) => <When at={session.lastUsedAt ?? session.createdAt} />,
              },
              {
                key: 'end',
                header: 'End',
                right: true,
                cell: (session) =>
                  session.current ? (
                    <Text size="sm" c="dimmed">
                      in use here
                    </Text>
                  ) : (
                    <Button
                      size="xs"
                      variant="default"
                      loading={end.isPending && end.variables === session.id}
                      onClick={() => end.mutate(session.id)}
                      aria-label={`End session ${session.client}`}
                    >
                      End
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function Client(props: { session: Session }) {
  const { session } = props;
  return (
    <Group gap="xs" wrap="nowrap">
      <Badge>{session.kind === 'cli' ? 'CLI' : 'Browser'}</Badge>
      <Text size="sm" lineClamp={1} title={session.client}>
        {session.client}
      </Text>
    </Group>
  );
}
