import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { nodes } from '@otherthing/protocol/http';
import { CommandLine, counted, Panel, Problem, When } from '@otherthing/ui';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api } from '../../../app/api.ts';
import { queryClient } from '../../../app/query-client.ts';
import { parseLabels } from '../labels.ts';
import { NodeCard } from '../node-card.tsx';
import { joinTokenQuery, nodeQuery } from '../queries.ts';
import { type JoinChoice, JoinOptions, useJoinChoice } from './join-options.tsx';
import { JoinTokenList } from './join-token-list.tsx';

/** Texts of tokens made since the page was loaded: the orchestrator keeps only their hashes. */
const madeHere = new Map<string, { text: string; command: string }>();

/** A join token for one line on the machine, and the machine's card as soon as it has joined with this token. */
export function ByToken(props: { workspaceId: string; tokenId: string | undefined }) {
  const { workspaceId, tokenId } = props;
  const navigate = useNavigate();
  const open = (token: string | undefined) =>
    void navigate({
      to: '/w/$workspaceId/nodes/add',
      params: { workspaceId },
      search: { token },
      replace: true,
    });
  return (
    <Stack gap="lg">
      {tokenId ? (
        <OpenToken workspaceId={workspaceId} tokenId={tokenId} onAnother={() => open(undefined)} />
      ) : (
        <MakeToken workspaceId={workspaceId} onMade={open} />
      )}
      <JoinTokenList workspaceId={workspaceId} />
    </Stack>
  );
}

function MakeToken(props: { workspaceId: string; onMade: (tokenId: string) => void }) {
  const { workspaceId } = props;
  const choice = useJoinChoice();
  const make = useMutation({
    mutationFn: (values: JoinChoice) =>
      api.call(nodes.postJoinToken, {
        params: { workspaceId },
        body: {
          ...(values.name.trim() ? { name: values.name } : {}),
          expiresInSeconds: Number(values.expiresInSeconds),
          reusable: values.reusable,
          preApproved: values.preApproved,
          labels: parseLabels(values.labels),
        },
      }),
    onSuccess: ({ joinToken, text, command }) => {
      madeHere.set(joinToken.id, { text, command });
      queryClient.setQueryData(joinTokenQuery(workspaceId, joinToken.id).queryKey, joinToken);
      void queryClient.invalidateQueries({ queryKey: [workspaceId, 'join-tokens', 'list'] });
      props.onMade(joinToken.id);
    },
  });
  return (
    <Panel title="One line on the machine">
      <form onSubmit={choice.onSubmit((values) => make.mutate(values))}>
        <Stack gap="lg">
          <Text size="sm">
            The line is the same on Linux, macOS and Windows. The machine needs Node 20 or newer and a way to
            reach this orchestrator; it dials out, nothing dials in.
          </Text>
          <JoinOptions form={choice} />
          {make.error ? <Problem error={make.error} /> : null}
          <Group>
            <Button type="submit" loading={make.isPending}>
              Make the line
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function OpenToken(props: { workspaceId: string; tokenId: string; onAnother: () => void }) {
  const { workspaceId, tokenId } = props;
  const token = useQuery({ ...joinTokenQuery(workspaceId, tokenId), refetchInterval: 4000 });
  const made = madeHere.get(tokenId);
  if (token.error && !token.data) return <Problem error={token.error} onRetry={props.onAnother} />;
  const joined = token.data?.nodes ?? [];
  return (
    <Panel
      title="One line on the machine"
      actions={
        <Button variant="default" size="xs" onClick={props.onAnother}>
          Make another
        </Button>
      }
    >
      <Stack gap="md">
        {made ? (
          <>
            <Text size="sm">Run this on the machine. The line is shown only now; it carries the token.</Text>
            <CommandLine command={made.command} label="Copy the line" />
          </>
        ) : (
          <Text size="sm">
            The line of this token was shown when it was made and cannot be shown again. Make another one if
            you lost it.
          </Text>
        )}
        {token.data ? (
          <Text size="sm" c="dimmed">
            {token.data.reusable ? 'For any number of machines' : 'For one machine'}, valid until{' '}
            <When at={token.data.expiresAt} />, used {counted(token.data.uses, 'time')}.
          </Text>
        ) : null}
        {joined.length === 0 ? <WaitingForMachine /> : null}
        {joined.map((node) => (
          <Joined key={node.id} workspaceId={workspaceId} nodeId={node.id} />
        ))}
      </Stack>
    </Panel>
  );
}

function WaitingForMachine() {
  return (
    <Group gap="sm" role="status">
      <Loader size="xs" type="dots" />
      <Text>Waiting for your machine.</Text>
    </Group>
  );
}

function Joined(props: { workspaceId: string; nodeId: string }) {
  const { workspaceId, nodeId } = props;
  const node = useQuery({ ...nodeQuery(workspaceId, nodeId), refetchInterval: 4000 });
  if (!node.data) return null;
  return (
    <Stack gap="md" role="status">
      <Text fw={600}>Your machine has joined.</Text>
      <NodeCard node={node.data} workspaceId={workspaceId} />
      <Group>
        <Button component={Link} to="/w/$workspaceId/jobs/new" params={{ workspaceId } as never}>
          Run a job
        </Button>
      </Group>
    </Stack>
  );
}
