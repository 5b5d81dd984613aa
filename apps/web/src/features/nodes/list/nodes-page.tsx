import { Button, Stack } from '@mantine/core';
import { counted, Empty } from '@otherthing/ui';
import { IconPlus, IconServer2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useWorkspaceId } from '../../../app/workspace.ts';
import { parseFilter } from '../../../ui/filter/filter.ts';
import { FilterBox } from '../../../ui/filter/filter-box.tsx';
import { Loaded } from '../../../ui/loaded.tsx';
import { Page } from '../../../ui/page.tsx';
import { Pager } from '../../../ui/pager.tsx';
import { nodesQuery } from '../queries.ts';
import { NODE_FIELDS, nodeListQuery } from './node-filter.ts';
import { NodeTable } from './node-table.tsx';

/** Every node of the workspace. */
export function NodesPage() {
  const workspaceId = useWorkspaceId();
  const { q, cursor } = useSearch({ strict: false });
  const navigate = useNavigate();
  const filter = parseFilter(q ?? '', NODE_FIELDS);
  const nodes = useQuery({
    ...nodesQuery(workspaceId, { ...nodeListQuery(filter), cursor, limit: 100 }),
    refetchInterval: 15_000,
  });
  const search = (next: { q?: string | undefined; cursor?: string | undefined }) =>
    void navigate({ to: '/w/$workspaceId/nodes', params: { workspaceId }, search: next });
  return (
    <Page
      title="Nodes"
      lead={
        <FilterBox
          label="Filter nodes"
          placeholder="state:online label:rack=3 name"
          value={q ?? ''}
          fields={NODE_FIELDS}
          onChange={(text) => search({ q: text || undefined })}
        />
      }
      action={
        <Button
          component={Link}
          to="/w/$workspaceId/nodes/add"
          params={{ workspaceId } as never}
          leftSection={<IconPlus size={16} stroke={1.5} />}
        >
          Add a node
        </Button>
      }
    >
      <Loaded query={nodes}>
        {(data) =>
          data.items.length === 0 ? (
            <NoNodes workspaceId={workspaceId} filtered={q !== undefined} onClear={() => search({})} />
          ) : (
            <Stack gap="md">
              <NodeTable workspaceId={workspaceId} nodes={data.items} />
              <Pager
                cursor={cursor}
                next={data.next}
                shown={counted(data.items.length, 'node')}
                go={(to) => search({ q, cursor: to })}
              />
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}

function NoNodes(props: { workspaceId: string; filtered: boolean; onClear: () => void }) {
  const icon = <IconServer2 size={36} stroke={1.5} />;
  if (props.filtered) {
    return (
      <Empty
        icon={icon}
        sentence="No node fits this filter."
        action={
          <Button variant="default" onClick={props.onClear}>
            Clear the filter
          </Button>
        }
      />
    );
  }
  return (
    <Empty
      icon={icon}
      sentence="No machine is lent to this workspace yet."
      action={
        <Button
          component={Link}
          to="/w/$workspaceId/nodes/add"
          params={{ workspaceId: props.workspaceId } as never}
        >
          Add a node
        </Button>
      }
      command="otherthing join-token create"
    />
  );
}
