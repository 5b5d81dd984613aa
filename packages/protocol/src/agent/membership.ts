import { z } from 'zod';
import { WorkspaceId } from '../ids.ts';
import { Capabilities, PendingClaim, ResourceLimits } from './handshake.ts';

/** Orchestrator -> agent, once per workspace both sides agreed to, and again whenever its peers change. */
export const WorkspaceJoined = z.object({
  type: z.literal('workspace_joined'),
  workspace_id: WorkspaceId,
  workspace_name: z.string().optional(),
  ipfs_swarm_key: z.string().regex(/^[0-9a-f]{64}$/),
  bootstrap_peers: z.array(z.string().max(512)),
});
export type WorkspaceJoined = z.infer<typeof WorkspaceJoined>;

/** Orchestrator -> agent: the node is no longer lent to this workspace. */
export const WorkspaceLeft = z.object({
  type: z.literal('workspace_left'),
  workspace_id: WorkspaceId,
  reason: z.string().max(500),
});

/** Agent -> orchestrator: the workspace's private peer is up. */
export const IpfsReady = z.object({
  type: z.literal('ipfs_ready'),
  workspace_id: WorkspaceId.optional(),
  peer_id: z.string().min(1).max(128),
  addresses: z.array(z.string().max(512)).max(64),
});

/** Orchestrator -> agent: the whole list of claims that wait for the owner; replaces the previous one. */
export const Claims = z.object({ type: z.literal('claims'), pending: z.array(PendingClaim) });

/** Agent -> orchestrator: the owner answered on the machine. */
export const ClaimAnswer = z.object({
  type: z.literal('claim_answer'),
  claim_id: z.string().max(64),
  accept: z.boolean(),
});

/** Agent -> orchestrator: the owner wants a new share key. Answered with `share_key`. */
export const RotateShareKey = z.object({ type: z.literal('rotate_share_key') });
export const ShareKeyChanged = z.object({
  type: z.literal('share_key'),
  share_key: z.string(),
  expires_at: z.string(),
});

/** Agent -> orchestrator: the owner takes the machine out of one workspace, or of all (`workspace_id` left out). */
export const LeaveWorkspace = z.object({
  type: z.literal('leave_workspace'),
  workspace_id: WorkspaceId.optional(),
});

/** Agent -> orchestrator, when something measured or set by the owner changed. */
export const NodeChanged = z.object({
  type: z.literal('node_changed'),
  capabilities: Capabilities,
  resource_limits: ResourceLimits,
  remote_control_enabled: z.boolean(),
});

/** Agent -> orchestrator every `heartbeat_ms`; answered, so that both sides notice a dead link. */
export const Heartbeat = z.object({
  type: z.literal('heartbeat'),
  load: z.object({ cpu: z.number(), memory: z.number() }).optional(),
});
export const HeartbeatAck = z.object({ type: z.literal('heartbeat_ack'), server_time: z.string() });
