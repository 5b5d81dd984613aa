import { useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight';
import { jobs, nodes } from '@otherthing/protocol/http';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type LinkProps, useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import { api } from '../api.ts';
import { workspacesQuery } from '../session.ts';
import styles from './shell.module.css';

/** Ctrl K: go to a page, do something, find a node or a job by name. */
export function Palette(props: { workspaceId: string }) {
  const [query, setQuery] = useState('');
  const actions = usePaletteActions(props.workspaceId, query);
  return (
    <Spotlight
      query={query}
      onQueryChange={setQuery}
      actions={actions}
      shortcut={['mod + K']}
      nothingFound="Nothing fits. Try a page, a node or a job."
      scrollable
      maxHeight={420}
      highlightQuery={false}
      classNames={{ content: styles.palette ?? '' }}
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.5} />,
        placeholder: 'Go to, do, find',
        'aria-label': 'Go to, do, find',
        onKeyDown: takeFirst,
      }}
    />
  );
}

/** Results that arrive late are not selected by themselves: Enter then takes the first one. */
function takeFirst(event: KeyboardEvent<HTMLInputElement>): void {
  if (event.key !== 'Enter') return;
  const dialog = event.currentTarget.closest('[role="dialog"]');
  if (!dialog || dialog.querySelector('[data-selected]')) return;
  dialog.querySelector<HTMLElement>('[data-action]')?.click();
}

function usePaletteActions(workspaceId: string, query: string): SpotlightActionGroupData[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const found = useFound(workspaceId, query);
  const { data } = useQuery(workspacesQuery);
  const go = (id: string, label: string, link: LinkProps): SpotlightActionData => ({
    id,
    label,
    onClick: () => void navigate(link as never),
  });
  const params = { workspaceId };
  return [
    {
      group: 'Do',
      actions: [
        go('run', 'Run a job', { to: '/w/$workspaceId/jobs/new', params }),
        go('add', 'Add a node', { to: '/w/$workspaceId/nodes/add', params }),
        { id: 'dark', label: 'Use the dark theme', onClick: () => setColorScheme('dark') },
        { id: 'light', label: 'Use the light theme', onClick: () => setColorScheme('light') },
        { id: 'auto', label: 'Follow the theme of the system', onClick: () => setColorScheme('auto') },
      ],
    },
    {
      group: 'Go to',
      actions: [
        go('overview', 'Overview', { to: '/w/$workspaceId', params }),
        go('nodes', 'Nodes', { to: '/w/$workspaceId/nodes', params }),
        go('jobs', 'Jobs', { to: '/w/$workspaceId/jobs', params }),
        go('failed', 'Failed jobs', { to: '/w/$workspaceId/jobs', params, search: { q: 'state:failed' } }),
        go('settings', 'Settings', { to: '/w/$workspaceId/settings', params }),
        go('own', 'Your nodes', { to: '/own-nodes' }),
        go('account', 'Account', { to: '/account' }),
        ...(data?.items ?? []).map((each) =>
          go(each.id, `Workspace ${each.name}`, { to: '/w/$workspaceId', params: { workspaceId: each.id } }),
        ),
      ],
    },
    {
      group: 'Found',
      actions: [
        ...(found.nodes ?? []).map((node) => ({
          ...go(node.id, node.name, {
            to: '/w/$workspaceId/nodes/$nodeId',
            params: { workspaceId, nodeId: node.id },
          }),
          description: 'Node',
          keywords: [query],
        })),
        ...(found.jobs ?? []).map((job) => ({
          ...go(job.id, job.name, {
            to: '/w/$workspaceId/jobs/$jobId',
            params: { workspaceId, jobId: job.id },
          }),
          description: `Job, ${job.state}`,
          keywords: [query],
        })),
      ],
    },
  ];
}

function useFound(workspaceId: string, query: string) {
  const [q] = useDebouncedValue(query.trim(), 200);
  const { data } = useQuery({
    queryKey: [workspaceId, 'find', q],
    enabled: q.length >= 2,
    queryFn: async ({ signal }) => {
      const ask = { params: { workspaceId }, query: { q, limit: 5 }, signal };
      const [nodePage, jobPage] = await Promise.all([
        api.call(nodes.listNodes, ask),
        api.call(jobs.listJobs, ask),
      ]);
      return { nodes: nodePage.items, jobs: jobPage.items };
    },
  });
  return { nodes: q.length >= 2 ? data?.nodes : undefined, jobs: q.length >= 2 ? data?.jobs : undefined };
}
