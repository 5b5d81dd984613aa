import { Badge, Group, Text } from '@mantine/core';
import type { OwnNode } from '@otherthing/protocol/http';
import { CommandLine, Empty, mebibytes, Panel, quantity } from '@otherthing/ui';
import { IconDeviceDesktopAnalytics } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { DataList } from '../../ui/data-list.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Page } from '../../ui/page.tsx';
import { Isolation, NodeState } from './node-facts.tsx';
import { ownNodesQuery } from './queries.ts';

/** Every machine this person owns, in all workspaces. */
export function OwnNodesPage() {
  const own = useQuery(ownNodesQuery);
  return (
    <Page title="Your nodes">
      <Loaded query={own}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty
              icon={<IconDeviceDesktopAnalytics size={36} stroke={1.5} />}
              sentence="You own no node yet. A machine becomes yours when it joins with your join token, or when it accepts your claim."
              command="otherthing join-token create"
            />
          ) : (
            <OwnNodes nodes={data.items} />
          )
        }
      </Loaded>
    </Page>
  );
}

function OwnNodes(props: { nodes: readonly OwnNode[] }) {
  return (
    <>
      <DataList
        label="Your nodes"
        rows={props.nodes}
        rowKey={(node) => node.id}
        columns={[
          { key: 'name', header: 'Node', cell: (node) => <span className="ot-mono">{node.name}</span> },
          { key: 'state', header: 'State', cell: (node) => <NodeState node={node} /> },
          { key: 'workspaces', header: 'Lent to', cell: (node) => <LentTo node={node} /> },
          {
            key: 'lent',
            header: 'Limits',
            cell: (node) => (
              <span className="ot-num">
                {quantity(node.capacity.cpuCores.lent)} cores, {mebibytes(node.capacity.memoryMb.lent)}
              </span>
            ),
          },
          { key: 'isolation', header: 'Isolation', cell: (node) => <Isolation node={node} /> },
        ]}
      />
      <Panel title="Limits and consent are set on the machine">
        <Text size="sm" c="dimmed" mb="sm">
          Nothing here can raise what a machine lends. On the machine itself:
        </Text>
        <CommandLine command="otherthing-agent status" />
      </Panel>
    </>
  );
}

function LentTo(props: { node: OwnNode }) {
  const { workspaces } = props.node;
  if (workspaces.length === 0)
    return (
      <Text size="sm" c="dimmed">
        no workspace
      </Text>
    );
  return (
    <Group gap={6}>
      {workspaces.map((each) => (
        <Badge key={each.id} variant="dot" color={each.membership === 'approved' ? 'green' : 'yellow'}>
          {each.name}
          {each.membership === 'approved' ? '' : ' (waiting)'}
        </Badge>
      ))}
    </Group>
  );
}
