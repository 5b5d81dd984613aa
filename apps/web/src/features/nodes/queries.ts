import { nodes } from '@otherthing/protocol/http';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api } from '../../app/api.ts';

export type NodeListQuery = {
  readonly state?: 'online' | 'offline' | undefined;
  readonly membership?: 'waiting_for_owner' | 'waiting_for_admin' | 'approved' | undefined;
  readonly label?: string | undefined;
  readonly q?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number;
};

export const nodesQuery = (workspaceId: string, query: NodeListQuery) =>
  queryOptions({
    queryKey: [workspaceId, 'nodes', 'list', query],
    queryFn: ({ signal }) => api.call(nodes.listNodes, { params: { workspaceId }, query, signal }),
    placeholderData: keepPreviousData,
  });

export const nodeQuery = (workspaceId: string, nodeId: string) =>
  queryOptions({
    queryKey: [workspaceId, 'nodes', 'detail', nodeId],
    queryFn: ({ signal }) => api.call(nodes.getNode, { params: { workspaceId, nodeId }, signal }),
  });

export const nodeSummaryQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: [workspaceId, 'nodes', 'summary'],
    queryFn: ({ signal }) => api.call(nodes.getNodeSummary, { params: { workspaceId }, signal }),
  });

export const joinTokenQuery = (workspaceId: string, joinTokenId: string) =>
  queryOptions({
    queryKey: [workspaceId, 'join-tokens', 'detail', joinTokenId],
    queryFn: ({ signal }) => api.call(nodes.getJoinToken, { params: { workspaceId, joinTokenId }, signal }),
  });

export const joinTokensQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: [workspaceId, 'join-tokens', 'list'],
    queryFn: ({ signal }) =>
      api.call(nodes.listJoinTokens, { params: { workspaceId }, query: { limit: 100 }, signal }),
  });

export const ownNodesQuery = queryOptions({
  queryKey: ['me', 'own-nodes'],
  queryFn: ({ signal }) => api.call(nodes.listOwnNodes, { query: { limit: 200 }, signal }),
  refetchInterval: 15_000,
});
