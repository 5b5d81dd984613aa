import { Anchor, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { Panel, Problem } from '@otherthing/ui';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { LiveProvider } from '../../../app/live.tsx';
import { exampleJob } from '../../jobs/submit/examples.ts';
import { submitJob } from '../../jobs/submit/submit-job.ts';
import { NodeCard } from '../../nodes/node-card.tsx';
import { nodesQuery } from '../../nodes/queries.ts';

/** Step 3: the machine that is there already, and a job that really runs on it. */
export function MachineStep(props: { workspaceId: string }) {
  return (
    <LiveProvider workspaceId={props.workspaceId}>
      <Machine workspaceId={props.workspaceId} />
    </LiveProvider>
  );
}

function Machine(props: { workspaceId: string }) {
  const { workspaceId } = props;
  const nodes = useQuery({ ...nodesQuery(workspaceId, {}), refetchInterval: 3000 });
  const node = nodes.data?.items.find((each) => each.state === 'online') ?? nodes.data?.items[0];
  return (
    <Stack gap="lg">
      {nodes.error && !nodes.data ? (
        <Problem error={nodes.error} onRetry={() => void nodes.refetch()} />
      ) : null}
      {node ? (
        <>
          <Text>This machine is lent to your workspace already:</Text>
          <NodeCard node={node} workspaceId={workspaceId} />
          <FirstJob
            workspaceId={workspaceId}
            process={canRunProcess(node.executors)}
            online={node.state === 'online'}
          />
        </>
      ) : (
        <NoMachine workspaceId={workspaceId} />
      )}
      <Group justify="space-between">
        <Anchor component={Link} to="/w/$workspaceId" params={{ workspaceId } as never} size="sm">
          Skip to the overview
        </Anchor>
      </Group>
    </Stack>
  );
}

const canRunProcess = (executors: ReadonlyArray<{ kind: string; available: boolean }>) =>
  executors.some((each) => each.kind === 'process' && each.available);

function NoMachine(props: { workspaceId: string }) {
  return (
    <Panel label="Waiting for a machine">
      <Stack gap="md">
        <Group gap="sm">
          <Loader size="xs" type="dots" />
          <Text role="status">Waiting for the agent of this machine.</Text>
        </Group>
        <Text size="sm" c="dimmed">
          The start on this machine brings one agent along; it shows up here within seconds. Any other machine
          joins with one line.
        </Text>
        <Button
          component={Link}
          to="/w/$workspaceId/nodes/add"
          params={{ workspaceId: props.workspaceId } as never}
          variant="default"
        >
          Add another machine
        </Button>
      </Stack>
    </Panel>
  );
}

function FirstJob(props: { workspaceId: string; process: boolean; online: boolean }) {
  const navigate = useNavigate();
  const example = exampleJob(props.process ? 'process' : 'script');
  const run = useMutation({
    mutationFn: () => submitJob(props.workspaceId, example.spec),
    onSuccess: (jobId) =>
      navigate({ to: '/w/$workspaceId/jobs/$jobId', params: { workspaceId: props.workspaceId, jobId } }),
  });
  return (
    <Panel title="Run a first job">
      <Stack gap="md">
        <Text size="sm">{example.about}</Text>
        {run.error ? <Problem error={run.error} /> : null}
        <Group>
          <Button
            leftSection={<IconPlayerPlay size={16} stroke={1.5} />}
            loading={run.isPending}
            disabled={!props.online}
            onClick={() => run.mutate()}
          >
            Run a first job
          </Button>
          <Button
            variant="default"
            component={Link}
            to="/w/$workspaceId/jobs/new"
            params={{ workspaceId: props.workspaceId } as never}
            search={{ example: example.id } as never}
          >
            Look at it first
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}
