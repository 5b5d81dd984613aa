import { Button, Group, Text } from '@mantine/core';
import { type Node, nodes } from '@otherthing/protocol/http';
import { Problem } from '@otherthing/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../app/api.ts';

/** Approve or refuse a node that waits, or say what the owner has to do. */
export function MembershipActions(props: { workspaceId: string; node: Node; compact?: boolean }) {
  const { workspaceId, node } = props;
  const queries = useQueryClient();
  const params = { workspaceId, nodeId: node.id };
  const settle = useMutation({
    mutationFn: async (approve: boolean) => {
      if (approve) await api.call(nodes.approveNode, { params });
      else await api.call(nodes.rejectNode, { params });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [workspaceId, 'nodes'] }),
  });
  if (node.membership === 'approved') return null;
  if (node.membership === 'waiting_for_owner') {
    return (
      <Text size={props.compact ? 'xs' : 'sm'} c="dimmed">
        Its owner accepts on the machine: <span className="ot-mono">otherthing-agent approve</span>
      </Text>
    );
  }
  return (
    <div>
      <Group gap="xs">
        <Button
          size="xs"
          loading={settle.isPending && settle.variables}
          onClick={() => settle.mutate(true)}
          aria-label={`Approve node ${node.name}`}
        >
          Approve
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={settle.isPending && !settle.variables}
          onClick={() => settle.mutate(false)}
          aria-label={`Refuse node ${node.name}`}
        >
          Refuse
        </Button>
      </Group>
      {settle.error ? <Problem error={settle.error} /> : null}
    </div>
  );
}
