import { useQuery } from '@tanstack/react-query';
import type { LinkProps } from '@tanstack/react-router';
import { jobsQuery } from '../jobs/queries.ts';
import { nodesQuery } from '../nodes/queries.ts';

export type AttentionItem = {
  readonly key: string;
  readonly what: string;
  readonly since: string;
  readonly action: { readonly label: string; readonly link: LinkProps };
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WAITS_LONG = 60_000;

/** What a person should look at: nodes to approve, nodes gone, jobs that wait, jobs that failed today. */
export function useAttention(workspaceId: string): {
  readonly ready: boolean;
  readonly items: readonly AttentionItem[];
} {
  const nodes = useQuery(nodesQuery(workspaceId, { limit: 200 }));
  const failed = useQuery(jobsQuery(workspaceId, { state: 'failed', limit: 5 }));
  const waiting = useQuery(jobsQuery(workspaceId, { state: 'waiting', limit: 5 }));
  const now = Date.now();
  const to = <T extends LinkProps>(link: T): LinkProps => link;
  const nodeItems = (nodes.data?.items ?? []).flatMap((node): AttentionItem[] => {
    const link = to({ to: '/w/$workspaceId/nodes/$nodeId', params: { workspaceId, nodeId: node.id } });
    const since = node.stateSince;
    if (node.membership === 'waiting_for_admin')
      return [
        {
          key: node.id,
          what: `${node.name} asks to join`,
          since: node.joinedAt,
          action: { label: 'Decide', link },
        },
      ];
    if (node.membership === 'approved' && node.state === 'offline' && now - Date.parse(since) < 7 * DAY)
      return [{ key: node.id, what: `${node.name} is offline`, since, action: { label: 'Look', link } }];
    return [];
  });
  const jobLink = (jobId: string) =>
    to({ to: '/w/$workspaceId/jobs/$jobId', params: { workspaceId, jobId } });
  const waits = (waiting.data?.items ?? [])
    .filter((job) => now - Date.parse(job.createdAt) > WAITS_LONG)
    .map((job) => ({
      key: job.id,
      what: `${job.name} waits for a node`,
      since: job.createdAt,
      action: { label: 'See why', link: jobLink(job.id) },
    }));
  const fails = (failed.data?.items ?? [])
    .filter((job) => now - Date.parse(job.endedAt ?? job.createdAt) < DAY)
    .map((job) => ({
      key: job.id,
      what: `${job.name} failed`,
      since: job.endedAt ?? job.createdAt,
      action: { label: 'See why', link: jobLink(job.id) },
    }));
  return {
    ready: nodes.data !== undefined && failed.data !== undefined && waiting.data !== undefined,
    items: [...nodeItems, ...waits, ...fails],
  };
}
