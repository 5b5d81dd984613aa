import { Button, Group, PinInput, Stack, Text } from '@mantine/core';
import { nodes } from '@otherthing/protocol/http';
import { SHARE_KEY_ALPHABET } from '@otherthing/protocol/ids';
import { CommandLine, Panel, Problem } from '@otherthing/ui';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../../app/api.ts';
import { NodeCard } from '../node-card.tsx';
import { nodeQuery } from '../queries.ts';

const KEY_CHARACTER = new RegExp(`^[${SHARE_KEY_ALPHABET}${SHARE_KEY_ALPHABET.toLowerCase()}]*$`);

/** Asks for the node that shows this key; its owner accepts on the machine. */
export function ByShareKey(props: { workspaceId: string }) {
  const { workspaceId } = props;
  const [key, setKey] = useState('');
  const claim = useMutation({
    mutationFn: (shareKey: string) =>
      api.call(nodes.claimNode, { params: { workspaceId }, body: { shareKey } }),
    onSuccess: () => setKey(''),
  });
  return (
    <Panel title="Share key of the machine">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          claim.mutate(key.toUpperCase());
        }}
      >
        <Stack gap="md">
          <Text size="sm" id="share-key-help">
            A machine that runs the agent shows a key of 8 characters on its console. Whoever types it here
            asks for the machine; its owner accepts on the machine itself.
          </Text>
          <PinInput
            length={8}
            value={key}
            onChange={(value) => setKey(value.toUpperCase())}
            type={KEY_CHARACTER}
            inputType="text"
            placeholder=""
            aria-label="Share key"
            getInputProps={(index) => ({ 'aria-label': `Share key, character ${index + 1} of 8` })}
            size="md"
            gap="xs"
            classNames={{ input: 'ot-mono' }}
            styles={{
              root: { flexWrap: 'nowrap', maxWidth: 400 },
              pinInput: { flex: 1, minWidth: 0 },
              input: { width: '100%', minWidth: 0, padding: 0 },
            }}
          />
          <Text size="xs" c="dimmed">
            Keys have no 0 O 1 I L. To see the key again, run on the machine:
          </Text>
          <CommandLine command="otherthing-agent status" />
          {claim.error ? <Problem error={claim.error} /> : null}
          <Group>
            <Button type="submit" disabled={key.length !== 8} loading={claim.isPending}>
              Ask for this machine
            </Button>
          </Group>
          {claim.data ? <Claimed workspaceId={workspaceId} nodeId={claim.data.nodeId} /> : null}
        </Stack>
      </form>
    </Panel>
  );
}

function Claimed(props: { workspaceId: string; nodeId: string }) {
  const { workspaceId, nodeId } = props;
  const node = useQuery({ ...nodeQuery(workspaceId, nodeId), refetchInterval: 3000 });
  if (!node.data) return null;
  const accepted = node.data.membership === 'approved';
  return (
    <Stack gap="sm" role="status">
      <Text fw={600}>
        {accepted
          ? 'The machine is in.'
          : node.data.membership === 'waiting_for_owner'
            ? 'The machine was asked. Accept on it now:'
            : 'The machine agrees. An admin of this workspace has to approve it under Nodes.'}
      </Text>
      {node.data.membership === 'waiting_for_owner' ? (
        <CommandLine command="otherthing-agent approve" />
      ) : null}
      <NodeCard node={node.data} workspaceId={workspaceId} />
    </Stack>
  );
}
