import { Anchor, Group, Stack, Text } from '@mantine/core';
import type { Node } from '@otherthing/protocol/http';
import { Facts, Panel } from '@otherthing/ui';
import { Link } from '@tanstack/react-router';
import { Capacity, Gpus, Isolation, NodeState } from './node-facts.tsx';

/** One machine with its real hardware. */
export function NodeCard(props: { node: Node; workspaceId: string }) {
  const { node } = props;
  return (
    <Panel label={`Node ${node.name}`}>
      <Stack gap="md">
        <Group justify="space-between" gap="sm">
          <Anchor
            component={Link}
            to="/w/$workspaceId/nodes/$nodeId"
            params={{ workspaceId: props.workspaceId, nodeId: node.id } as never}
            fw={600}
            className="ot-mono"
          >
            {node.name}
          </Anchor>
          <NodeState node={node} />
        </Group>
        <Facts
          items={[
            ['Processor', `${node.cpu.model}, ${node.cpu.cores} cores`],
            ['GPUs', <Gpus key="gpus" node={node} />],
            ['System', `${node.osVersion || node.os} (${node.arch})`],
            [
              'Fingerprint',
              <Text key="print" span size="sm" className="ot-mono">
                {node.fingerprint}
              </Text>,
            ],
          ]}
        />
        <Capacity node={node} />
        <Isolation node={node} />
      </Stack>
    </Panel>
  );
}
