import { SimpleGrid, Text } from '@mantine/core';
import type { Job } from '@otherthing/protocol/http';
import { bytes, CapacityBar, counted, duration, Facts, mebibytes, Panel, quantity } from '@otherthing/ui';
import { LabelList } from '../../nodes/node-facts.tsx';
import { joinCommand } from '../submit/command-line.ts';

/** What was asked for, what was used, and what was run. */
export function JobFacts(props: { workspaceId: string; job: Job }) {
  const { job } = props;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Panel title={job.usage ? 'Used of asked' : 'Asked for'}>
        <Used job={job} />
      </Panel>
      <Panel title="What was submitted">
        <Submitted job={job} />
      </Panel>
    </SimpleGrid>
  );
}

function Used(props: { job: Job }) {
  const { spec, usage } = props.job;
  const { resources, timeouts } = spec;
  if (!usage) {
    return (
      <Facts
        items={[
          ['Cores', quantity(resources.cpuCores)],
          ['Memory', mebibytes(resources.memoryMb)],
          ['Disk', mebibytes(resources.diskMb)],
          ['Longest run', duration(timeouts.runSeconds * 1000)],
        ]}
      />
    );
  }
  const cores = usage.wallMs > 0 ? usage.cpuMs / usage.wallMs : 0;
  const asked = resources.memoryMb * 1024 * 1024;
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <CapacityBar
        label="Memory, highest"
        used={usage.maxMemoryBytes}
        total={asked}
        text={`${bytes(usage.maxMemoryBytes)} of ${bytes(asked)}`}
      />
      <CapacityBar
        label="Cores, on average"
        used={cores}
        total={resources.cpuCores}
        text={`${quantity(cores)} of ${quantity(resources.cpuCores)}`}
        detail={`${duration(usage.cpuMs)} of processor time`}
      />
      <CapacityBar
        label="Time"
        used={usage.wallMs}
        total={timeouts.runSeconds * 1000}
        text={`${duration(usage.wallMs)} of ${duration(timeouts.runSeconds * 1000)}`}
      />
    </div>
  );
}

function Submitted(props: { job: Job }) {
  const { spec } = props.job;
  const env = Object.entries(spec.env);
  return (
    <>
      <pre
        className="ot-mono"
        style={{ margin: '0 0 12px', overflow: 'auto', maxHeight: 240, whiteSpace: 'pre-wrap' }}
      >
        {spec.kind === 'script' ? spec.source : joinCommand(spec.command)}
      </pre>
      <Facts
        items={[
          ['Kind', spec.kind],
          [
            'Inputs',
            spec.inputs.length === 0
              ? 'none'
              : `${counted(spec.inputs.length, 'file')}, ${bytes(spec.inputs.reduce((sum, file) => sum + file.size, 0))}`,
          ],
          [
            'Variables',
            <Text key="env" span size="sm" className="ot-mono">
              {env.length === 0 ? 'none' : env.map(([name, value]) => `${name}=${value}`).join(' ')}
            </Text>,
          ],
          [
            'Secrets',
            <Text key="secrets" span size="sm" className="ot-mono">
              {spec.secrets.length === 0 ? 'none' : spec.secrets.join(' ')}
            </Text>,
          ],
          ['Retries', `${spec.retries.lostNode} for a lost node, ${spec.retries.failure} for own failure`],
          ['Only on', <LabelList key="labels" labels={spec.placement.labels} />],
        ]}
      />
    </>
  );
}
