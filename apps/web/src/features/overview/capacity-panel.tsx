import { Stack } from '@mantine/core';
import { CapacityBar, mebibytes, Panel, quantity } from '@otherthing/ui';
import { useQuery } from '@tanstack/react-query';
import { Loaded } from '../../ui/loaded.tsx';
import { nodeSummaryQuery } from '../nodes/queries.ts';

/** What all nodes online lend, and what is in use of it. */
export function CapacityPanel(props: { workspaceId: string }) {
  const summary = useQuery(nodeSummaryQuery(props.workspaceId));
  return (
    <Panel title="Capacity in use of lent">
      <Loaded query={summary}>
        {({ capacity: { cpuCores, memoryMb, vramMb } }) => (
          <Stack gap="md">
            <CapacityBar
              label="Cores"
              used={cpuCores.used}
              total={cpuCores.lent}
              text={`${quantity(cpuCores.used)} of ${quantity(cpuCores.lent)}`}
            />
            <CapacityBar
              label="Memory"
              used={memoryMb.used}
              total={memoryMb.lent}
              text={`${mebibytes(memoryMb.used)} of ${mebibytes(memoryMb.lent)}`}
            />
            {vramMb.lent > 0 ? (
              <CapacityBar
                label="GPU memory"
                used={vramMb.used}
                total={vramMb.lent}
                text={`${mebibytes(vramMb.used)} of ${mebibytes(vramMb.lent)}`}
              />
            ) : null}
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}
