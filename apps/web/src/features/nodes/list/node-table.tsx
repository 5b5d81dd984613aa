import { Anchor, Stack, Text } from '@mantine/core';
import type { Node } from '@otherthing/protocol/http';
import { mebibytes, quantity } from '@otherthing/ui';
import { Link } from '@tanstack/react-router';
import { type Column, DataList } from '../../../ui/data-list.tsx';
import { MembershipActions } from '../membership-actions.tsx';
import { Gpus, NodeState } from '../node-facts.tsx';

export function NodeTable(props: { workspaceId: string; nodes: readonly Node[] }) {
  const columns: Column<Node>[] = [
    { key: 'name', header: 'Node', cell: (node) => <Name workspaceId={props.workspaceId} node={node} /> },
    {
      key: 'state',
      header: 'State',
      cell: (node) => (
        <Stack gap={6}>
          <NodeState node={node} />
          <MembershipActions workspaceId={props.workspaceId} node={node} compact />
        </Stack>
      ),
    },
    { key: 'gpus', header: 'GPUs', cell: (node) => <Gpus node={node} /> },
    {
      key: 'cores',
      header: 'Cores in use',
      right: true,
      cell: (node) => (
        <span className="ot-num">
          {quantity(node.capacity.cpuCores.used)} / {quantity(node.capacity.cpuCores.lent)}
        </span>
      ),
    },
    {
      key: 'memory',
      header: 'Memory in use',
      right: true,
      cell: (node) => (
        <span className="ot-num">
          {mebibytes(node.capacity.memoryMb.used)} / {mebibytes(node.capacity.memoryMb.lent)}
        </span>
      ),
    },
    {
      key: 'jobs',
      header: 'Jobs',
      right: true,
      cell: (node) => <span className="ot-num">{node.capacity.jobs}</span>,
    },
  ];
  return <DataList label="Nodes" rows={props.nodes} columns={columns} rowKey={(node) => node.id} />;
}

function Name(props: { workspaceId: string; node: Node }) {
  const { node } = props;
  return (
    <div>
      <Anchor
        component={Link}
        to="/w/$workspaceId/nodes/$nodeId"
        params={{ workspaceId: props.workspaceId, nodeId: node.id } as never}
        className="ot-mono"
        fw={500}
      >
        {node.name}
      </Anchor>
      <Text size="xs" c="dimmed">
        {node.owner ? `owned by ${node.owner.name}` : 'no owner yet'}
      </Text>
    </div>
  );
}
