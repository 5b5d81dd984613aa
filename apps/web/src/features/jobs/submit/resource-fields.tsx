import {
  Checkbox,
  Collapse,
  MultiSelect,
  NumberInput,
  SimpleGrid,
  Stack,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Panel } from '@otherthing/ui';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { labelsProblem } from '../../nodes/labels.ts';
import { nodesQuery } from '../../nodes/queries.ts';
import type { Draft } from './draft.ts';

type Props = { draft: Draft; change: (part: Partial<Draft>) => void };
type NumberKey = { [K in keyof Draft]: Draft[K] extends number ? K : never }[keyof Draft];

/** What the job asks for; the rest behind one line. */
export function ResourceFields(props: Props & { workspaceId: string }) {
  const [more, toggle] = useDisclosure(false);
  return (
    <Panel title="Resources">
      <Stack gap="md">
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Amount {...props} field="cpuCores" label="CPU cores" min={0.1} max={1024} step={0.5} />
          <Amount {...props} field="memoryMb" label="Memory, MiB" min={16} max={16_777_216} step={128} />
          <Amount {...props} field="diskMb" label="Disk, MiB" min={1} max={16_777_216} step={256} />
          <Amount {...props} field="runSeconds" label="Longest run, s" min={1} max={2_592_000} step={60} />
        </SimpleGrid>
        <UnstyledButton
          onClick={toggle.toggle}
          aria-expanded={more}
          fz="sm"
          style={{ display: 'flex', gap: 6, alignItems: 'center' }}
        >
          {more ? <IconChevronDown size={16} stroke={1.5} /> : <IconChevronRight size={16} stroke={1.5} />}
          Retries, placement and more limits
        </UnstyledButton>
        <Collapse expanded={more}>
          <More {...props} />
        </Collapse>
      </Stack>
    </Panel>
  );
}

function More(props: Props & { workspaceId: string }) {
  const { draft, change } = props;
  const nodes = useQuery(nodesQuery(props.workspaceId, { limit: 200 }));
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 2, sm: 4 }}>
        <Amount {...props} field="processes" label="Processes" min={1} max={32_768} step={16} />
        <Amount {...props} field="queueSeconds" label="Longest wait, s" min={1} max={2_592_000} step={60} />
        <Amount {...props} field="lostNode" label="Retries, lost node" min={0} max={20} step={1} />
        <Amount {...props} field="failure" label="Retries, own failure" min={0} max={20} step={1} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <MultiSelect
          label="Only on these nodes"
          placeholder={draft.nodes.length === 0 ? 'any node' : ''}
          data={(nodes.data?.items ?? []).map((node) => ({ value: node.id, label: node.name }))}
          value={draft.nodes}
          onChange={(ids) => change({ nodes: ids })}
          searchable
          clearable
        />
        <TextInput
          label="Only on nodes with these labels"
          placeholder="rack=3 gpu"
          value={draft.labels}
          onChange={(event) => change({ labels: event.currentTarget.value })}
          error={labelsProblem(draft.labels)}
          classNames={{ input: 'ot-mono' }}
        />
      </SimpleGrid>
      <Checkbox
        label="Running it twice does no harm"
        description="A late result of an older attempt may then be taken instead of waiting for the new one."
        checked={draft.idempotent}
        onChange={(event) => change({ idempotent: event.currentTarget.checked })}
      />
    </Stack>
  );
}

function Amount(props: Props & { field: NumberKey; label: string; min: number; max: number; step: number }) {
  const { draft, change, field, label, min, max, step } = props;
  return (
    <NumberInput
      label={label}
      value={draft[field]}
      onChange={(value) => change({ [field]: typeof value === 'number' ? value : min })}
      min={min}
      max={max}
      step={step}
      allowDecimal={field === 'cpuCores'}
      clampBehavior="blur"
      classNames={{ input: 'ot-mono' }}
      required
    />
  );
}
