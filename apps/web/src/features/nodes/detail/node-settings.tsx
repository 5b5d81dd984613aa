import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { type Node, nodes } from '@otherthing/protocol/http';
import { Panel, Problem } from '@otherthing/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '../../../app/api.ts';
import { Confirm } from '../../../ui/confirm.tsx';
import { notifyDone } from '../../../ui/notify.ts';
import { labelsProblem, parseLabels, writeLabels } from '../labels.ts';

/** Rename, label, take out of the workspace. */
export function NodeSettings(props: { workspaceId: string; node: Node }) {
  const { workspaceId, node } = props;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [removing, remove] = useDisclosure(false);
  const params = { workspaceId, nodeId: node.id };
  const form = useForm({
    initialValues: { name: node.name, labels: writeLabels(node.labels) },
    validate: { labels: labelsProblem },
  });
  const save = useMutation({
    mutationFn: (values: { name: string; labels: string }) =>
      api.call(nodes.patchNode, { params, body: { name: values.name, labels: parseLabels(values.labels) } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [workspaceId, 'nodes'] });
      notifyDone('Saved.');
    },
  });
  const takeOut = async () => {
    await api.call(nodes.deleteNode, { params });
    await navigate({ to: '/w/$workspaceId/nodes', params: { workspaceId } });
    await queries.invalidateQueries({ queryKey: [workspaceId, 'nodes'] });
  };
  return (
    <Panel title="Name and labels">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack gap="md">
          <Group align="flex-start" grow preventGrowOverflow={false}>
            <TextInput
              label="Name"
              classNames={{ input: 'ot-mono' }}
              required
              {...form.getInputProps('name')}
            />
            <TextInput
              label="Labels"
              placeholder="rack=3 room=b"
              classNames={{ input: 'ot-mono' }}
              {...form.getInputProps('labels')}
            />
          </Group>
          {save.error ? <Problem error={save.error} /> : null}
          <Group justify="space-between">
            <Button variant="default" c="var(--ot-failed)" onClick={remove.open}>
              Remove from workspace
            </Button>
            <Button type="submit" variant="default" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
      <Confirm
        opened={removing}
        onClose={remove.close}
        title={`Remove ${node.name} from this workspace?`}
        lost={`Its ${node.capacity.jobs} running jobs here are stopped and planned again on other nodes. The machine has to join again to come back.`}
        verb="Remove node"
        act={takeOut}
      />
      {node.owner ? null : <Text size="sm">This node has no owner yet.</Text>}
    </Panel>
  );
}
