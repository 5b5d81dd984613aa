import { z } from 'zod';
import { ExecutorCapability, Gpu, ResourceLimits } from '../agent/handshake.ts';
import { JoinTokenId, NodeId, ShareKey, UserId, WorkspaceId } from '../ids.ts';
import { DisplayName, Labels, NodeName } from '../names.ts';
import { defineRoute, PageQuery, page, Timestamp } from './route.ts';
import { WorkspaceParams } from './workspaces.ts';

/**
 * Both consents of a node's membership. `waiting_for_owner`: somebody typed its share key, the owner has to accept on
 * the machine. `waiting_for_admin`: the machine agrees, an admin of the workspace has to approve.
 */
export const Membership = z
  .enum(['waiting_for_owner', 'waiting_for_admin', 'approved'])
  .meta({ id: 'Membership' });
export type Membership = z.infer<typeof Membership>;

/** `lent`: by the owner's limits. `used`: asked for by jobs that are starting or running, of all workspaces. */
const Share = z.object({ lent: z.number(), used: z.number() });

export const Node = z
  .object({
    id: NodeId,
    name: z.string(),
    owner: z.object({ id: UserId, name: z.string() }).nullable(),
    membership: Membership,
    requestedBy: z.string().nullable(),
    state: z.enum(['online', 'offline']),
    stateSince: Timestamp,
    lastSeenAt: Timestamp.nullable(),
    joinedAt: Timestamp,
    labels: Labels,
    hostname: z.string(),
    os: z.string(),
    osVersion: z.string(),
    arch: z.string(),
    agentVersion: z.string(),
    fingerprint: z
      .string()
      .meta({ description: "short fingerprint of the node's public key, the same on the machine" }),
    cpu: z.object({ model: z.string(), cores: z.number() }),
    memoryMb: z.number(),
    storage: z.object({ totalGb: z.number(), freeGb: z.number().nullable() }),
    gpus: z.array(Gpu),
    executors: z.array(ExecutorCapability),
    /** The owner lets jobs of the process kind run without a sandbox. */
    unsandboxed: z.boolean(),
    limits: ResourceLimits,
    remoteControl: z.boolean(),
    capacity: z.object({ cpuCores: Share, memoryMb: Share, jobs: z.number().int() }),
    load: z.object({ cpu: z.number(), memory: z.number() }).nullable(),
  })
  .meta({ id: 'Node', description: 'A machine lent to this workspace, as this workspace may see it.' });
export type Node = z.infer<typeof Node>;

const NodeParams = WorkspaceParams.extend({ nodeId: NodeId });
const base = '/api/v1/workspaces/:workspaceId';

export const listNodes = defineRoute({
  id: 'listNodes',
  method: 'GET',
  path: `${base}/nodes`,
  summary: 'Nodes of the workspace',
  access: { role: 'viewer', scope: 'nodes:read' },
  params: WorkspaceParams,
  query: PageQuery.extend({
    state: z.enum(['online', 'offline']).optional(),
    membership: Membership.optional(),
    label: z.string().max(130).optional().meta({ description: 'key or key=value' }),
    q: z.string().max(100).optional().meta({ description: 'part of the name or host name' }),
  }),
  reply: page(Node),
});
export const getNode = defineRoute({
  id: 'getNode',
  method: 'GET',
  path: `${base}/nodes/:nodeId`,
  summary: 'One node',
  access: { role: 'viewer', scope: 'nodes:read' },
  params: NodeParams,
  reply: Node,
  errors: ['node_not_found'],
});
export const claimNode = defineRoute({
  id: 'claimNode',
  method: 'POST',
  path: `${base}/nodes/claim`,
  summary: 'Ask for the node that shows this share key',
  access: { role: 'member', scope: 'nodes:write' },
  params: WorkspaceParams,
  body: z.strictObject({ shareKey: ShareKey }),
  reply: z.object({ nodeId: NodeId, membership: Membership }),
  status: 202,
  errors: ['share_key_refused', 'rate_limited'],
});
export const approveNode = defineRoute({
  id: 'approveNode',
  method: 'POST',
  path: `${base}/nodes/:nodeId/approve`,
  summary: 'Let a node into the workspace',
  access: { role: 'admin', scope: 'nodes:write' },
  params: NodeParams,
  reply: Node,
  errors: ['node_not_found', 'conflict'],
});
export const rejectNode = defineRoute({
  id: 'rejectNode',
  method: 'POST',
  path: `${base}/nodes/:nodeId/reject`,
  summary: 'Refuse a node that waits for approval',
  access: { role: 'admin', scope: 'nodes:write' },
  params: NodeParams,
  reply: 'empty',
  errors: ['node_not_found', 'conflict'],
});
export const patchNode = defineRoute({
  id: 'patchNode',
  method: 'PATCH',
  path: `${base}/nodes/:nodeId`,
  summary: 'Rename or label a node (labels: the whole set)',
  access: { role: 'admin', scope: 'nodes:write' },
  params: NodeParams,
  body: z.strictObject({ name: NodeName.optional(), labels: Labels.optional() }),
  reply: Node,
  errors: ['node_not_found', 'conflict'],
});
export const deleteNode = defineRoute({
  id: 'deleteNode',
  method: 'DELETE',
  path: `${base}/nodes/:nodeId`,
  summary: 'Take a node out of the workspace; its running jobs here are stopped and planned again',
  access: { role: 'admin', scope: 'nodes:write' },
  params: NodeParams,
  reply: 'empty',
  errors: ['node_not_found'],
});

/** Figures of the overview page. */
export const NodeSummary = z.object({
  online: z.number().int(),
  offline: z.number().int(),
  waiting: z.number().int().meta({ description: 'waiting for an owner or an admin' }),
  capacity: z.object({ cpuCores: Share, memoryMb: Share, vramMb: Share }),
});
export const getNodeSummary = defineRoute({
  id: 'getNodeSummary',
  method: 'GET',
  path: `${base}/node-summary`,
  summary: 'Counts and capacity of all nodes',
  access: { role: 'viewer', scope: 'nodes:read' },
  params: WorkspaceParams,
  reply: NodeSummary,
});

export const OwnNode = Node.omit({ membership: true, requestedBy: true, joinedAt: true, labels: true })
  .extend({
    workspaces: z.array(z.object({ id: WorkspaceId, name: z.string(), membership: Membership })),
  })
  .meta({ id: 'OwnNode' });
export type OwnNode = z.infer<typeof OwnNode>;
export const listOwnNodes = defineRoute({
  id: 'listOwnNodes',
  method: 'GET',
  path: '/api/v1/nodes',
  summary: 'Every node you own',
  access: 'user',
  query: PageQuery,
  reply: page(OwnNode),
});

export const JoinToken = z
  .object({
    id: JoinTokenId,
    name: z.string(),
    createdBy: z.object({ id: UserId, name: z.string() }),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    reusable: z.boolean(),
    preApproved: z.boolean(),
    labels: Labels,
    uses: z.number().int(),
    revokedAt: Timestamp.nullable(),
    nodes: z
      .array(z.object({ id: NodeId, name: z.string(), joinedAt: Timestamp }))
      .meta({ description: 'newest 20 that joined with it' }),
  })
  .meta({ id: 'JoinToken' });
export type JoinToken = z.infer<typeof JoinToken>;

const JoinTokenParams = WorkspaceParams.extend({ joinTokenId: JoinTokenId });
export const listJoinTokens = defineRoute({
  id: 'listJoinTokens',
  method: 'GET',
  path: `${base}/join-tokens`,
  summary: 'Join tokens',
  access: { role: 'admin', scope: 'nodes:read' },
  params: WorkspaceParams,
  query: PageQuery,
  reply: page(JoinToken),
});
export const getJoinToken = defineRoute({
  id: 'getJoinToken',
  method: 'GET',
  path: `${base}/join-tokens/:joinTokenId`,
  summary: 'One join token and the nodes that came with it',
  access: { role: 'admin', scope: 'nodes:read' },
  params: JoinTokenParams,
  reply: JoinToken,
  errors: ['not_found'],
});
export const postJoinToken = defineRoute({
  id: 'postJoinToken',
  method: 'POST',
  path: `${base}/join-tokens`,
  summary: 'Make a join token; its text and the one-line command are in this reply only',
  access: { role: 'admin', scope: 'nodes:write' },
  params: WorkspaceParams,
  body: z.strictObject({
    name: DisplayName.default('join token'),
    expiresInSeconds: z
      .number()
      .int()
      .min(60)
      .max(90 * 86_400)
      .default(86_400),
    reusable: z.boolean().default(false),
    preApproved: z.boolean().default(true),
    labels: Labels.default({}),
  }),
  reply: z.object({ joinToken: JoinToken, text: z.string(), command: z.string() }),
  status: 201,
});
export const deleteJoinToken = defineRoute({
  id: 'deleteJoinToken',
  method: 'DELETE',
  path: `${base}/join-tokens/:joinTokenId`,
  summary: 'Revoke a join token; nodes that joined with it stay',
  access: { role: 'admin', scope: 'nodes:write' },
  params: JoinTokenParams,
  reply: 'empty',
  errors: ['not_found'],
});
