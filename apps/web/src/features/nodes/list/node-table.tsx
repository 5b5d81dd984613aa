import { Anchor, Stack, Text } from '@mantine/core';
import type { Node } from '@otherthing/protocol/http';
import { mebibytes, quantity, ThinBar } from '@otherthing/ui';
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
      cell: ({ capacity: { cpuCores } }) => <Use {...cpuCores} write={quantity} />,
    },
    {
      key: 'memory',
      header: 'Memory in use',
      cell: ({ capacity: { memoryMb } }) => <Use {...memoryMb} write={mebibytes} />,
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

/** In use of lent, as numbers above a thin bar. */
function Use(props: { used: number; lent: number; write: (amount: number) => string }) {
  return (
    <div style={{ minWidth: 120 }}>
      <span className="ot-num">
        {props.write(props.used)} of {props.write(props.lent)}
      </span>
      <ThinBar part={props.lent > 0 ? props.used / props.lent : 0} />
    </div>
  );
}
