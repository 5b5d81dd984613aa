import { Badge, Group, Text } from '@mantine/core';
import type { Node, OwnNode } from '@otherthing/protocol/http';
import { CapacityBar, mebibytes, quantity, StateMark, When } from '@otherthing/ui';

type AnyNode = Node | OwnNode;

/** Online or offline with its age, or which consent is missing. */
export function NodeState(props: { node: AnyNode }) {
  const { node } = props;
  if ('membership' in node && node.membership !== 'approved') return <StateMark state={node.membership} />;
  return (
    <StateMark state={node.state}>
      <Text span size="sm" c="dimmed" fw={400}>
        {node.state === 'online' ? ', since ' : ', seen '}
        <When at={node.state === 'online' ? node.stateSince : (node.lastSeenAt ?? node.stateSince)} />
      </Text>
    </StateMark>
  );
}

/** What may run there, and how it is kept apart from the machine. */
export function Isolation(props: { node: Pick<AnyNode, 'executors' | 'unsandboxed'> }) {
  const { executors, unsandboxed } = props.node;
  return (
    <Group gap={6}>
      {executors.map((each) => (
        <Badge
          key={each.kind}
          variant="dot"
          color={each.available ? (each.isolation === 'none' ? 'yellow' : 'green') : 'gray'}
          title={each.reason}
        >
          {each.kind}: {each.available ? isolationWord(each.isolation) : 'not offered'}
        </Badge>
      ))}
      {unsandboxed ? (
        <Badge variant="dot" color="yellow">
          unsandboxed jobs allowed
        </Badge>
      ) : null}
    </Group>
  );
}

function isolationWord(isolation: string | undefined): string {
  if (isolation === 'none') return 'no sandbox';
  return isolation === 'script' ? 'interpreter' : 'sandbox';
}

/** Cores and memory: in use of what is lent. */
export function Capacity(props: { node: AnyNode; detailed?: boolean }) {
  const { capacity, cpu, memoryMb } = props.node;
  return (
    <div style={{ display: 'grid', gap: 12 }}>
      <CapacityBar
        label="Cores"
        used={capacity.cpuCores.used}
        total={capacity.cpuCores.lent}
        text={`${quantity(capacity.cpuCores.used)} of ${quantity(capacity.cpuCores.lent)}`}
        {...(props.detailed ? { detail: `${quantity(cpu.cores)} cores in the machine` } : {})}
      />
      <CapacityBar
        label="Memory"
        used={capacity.memoryMb.used}
        total={capacity.memoryMb.lent}
        text={`${mebibytes(capacity.memoryMb.used)} of ${mebibytes(capacity.memoryMb.lent)}`}
        {...(props.detailed ? { detail: `${mebibytes(memoryMb)} in the machine` } : {})}
      />
    </div>
  );
}

export function Gpus(props: { node: AnyNode }) {
  const { gpus } = props.node;
  if (gpus.length === 0)
    return (
      <Text span c="dimmed" size="sm">
        none
      </Text>
    );
  return (
    <Text span size="sm">
      {gpus.map((gpu) => `${gpu.model} (${mebibytes(gpu.vram_mb)})`).join(', ')}
    </Text>
  );
}

export function LabelList(props: { labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(props.labels);
  if (entries.length === 0)
    return (
      <Text span c="dimmed" size="sm">
        none
      </Text>
    );
  return (
    <Group gap={6}>
      {entries.map(([key, value]) => (
        <Badge key={key} className="ot-mono">
          {value ? `${key}=${value}` : key}
        </Badge>
      ))}
    </Group>
  );
}
