import { Text } from '@mantine/core';
import type { Node } from '@otherthing/protocol/http';
import { bytes, Facts, mebibytes, Panel, quantity, When } from '@otherthing/ui';
import { Gpus, LabelList } from '../node-facts.tsx';

/** What the machine is. */
export function Hardware(props: { node: Node }) {
  const { node } = props;
  const { totalGb, freeGb } = node.storage;
  const free = freeGb === null ? '' : `, ${bytes(freeGb * 1024 ** 3)} free`;
  return (
    <Panel title="Machine">
      <Facts
        items={[
          ['Processor', `${node.cpu.model}, ${node.cpu.cores} cores`],
          ['Memory', mebibytes(node.memoryMb)],
          ['GPUs', <Gpus key="gpus" node={node} />],
          ['Storage', `${bytes(totalGb * 1024 ** 3)}${free}`],
          ['System', `${node.osVersion || node.os} (${node.arch})`],
          [
            'Host name',
            <span key="host" className="ot-mono">
              {node.hostname}
            </span>,
          ],
          [
            'Agent',
            <span key="agent" className="ot-mono">
              {node.agentVersion}
            </span>,
          ],
          ['Owner', node.owner?.name ?? 'nobody yet'],
          ['Joined', <When key="joined" at={node.joinedAt} />],
          ['Labels', <LabelList key="labels" labels={node.labels} />],
          [
            'Limits',
            `${quantity(node.limits.cpuCores)} cores, ${quantity(node.limits.ramPercent)} % of memory; set by its owner`,
          ],
          [
            'Node id',
            <Text key="id" span size="sm" className="ot-mono">
              {node.id}
            </Text>,
          ],
          [
            'Fingerprint',
            <Text key="print" span size="sm" className="ot-mono">
              {node.fingerprint}
            </Text>,
          ],
        ]}
      />
    </Panel>
  );
}
