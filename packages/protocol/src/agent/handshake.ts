import { z } from 'zod';
import { JoinTokenId, NodeId, WorkspaceId } from '../ids.ts';
import { Labels } from '../names.ts';
import { JoinTokenText } from '../tokens.ts';

/** Ed25519 keys and signatures travel as base64url without padding. */
const PublicKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const Signature = z.string().regex(/^[A-Za-z0-9_-]{86}$/);
export const Nonce = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** First message on a new socket, by the orchestrator. */
export const Challenge = z.object({
  type: z.literal('challenge'),
  nonce: Nonce,
  orchestrator_key: PublicKey,
  protocol: z.object({ oldest: z.number().int(), newest: z.number().int() }),
});
export type Challenge = z.infer<typeof Challenge>;

export const Gpu = z.object({
  uuid: z.string().max(128),
  model: z.string().max(256),
  vram_mb: z.number().int().min(0),
  driver: z.string().max(128).optional(),
});
export type Gpu = z.infer<typeof Gpu>;

/** What one executor of the node can do, or why it cannot. */
export const ExecutorCapability = z.object({
  kind: z.enum(['process', 'script']),
  available: z.boolean(),
  /** sandbox: own namespaces and system-call filter. script: an interpreter without system access. none: the owner allowed unsandboxed jobs. */
  isolation: z.enum(['sandbox', 'script', 'none']).optional(),
  reason: z.string().max(1000).optional(),
  hint: z.string().max(1000).optional(),
  notes: z.array(z.string().max(1000)).max(20).default([]),
});
export type ExecutorCapability = z.infer<typeof ExecutorCapability>;

export const Capabilities = z.object({
  node_id: NodeId,
  hostname: z.string().max(255).default(''),
  os: z.string().max(64).default(''),
  os_version: z.string().max(256).default(''),
  arch: z.string().max(32).default(''),
  agent_version: z.string().max(64).default(''),
  gpus: z.array(Gpu).max(64),
  cpu: z.object({ model: z.string().max(256), cores: z.number().int().min(1).max(4096) }),
  memory: z.object({ total_mb: z.number().int().min(1) }),
  storage: z.object({ total_gb: z.number().min(0), free_gb: z.number().min(0).optional() }),
  executors: z.array(ExecutorCapability).max(16).default([]),
});
export type Capabilities = z.infer<typeof Capabilities>;

/** What the owner lends. Enforced on the node; the orchestrator only plans with it. */
export const ResourceLimits = z.object({
  cpuCores: z.number().min(0).max(4096),
  ramPercent: z.number().min(0).max(100),
});
export type ResourceLimits = z.infer<typeof ResourceLimits>;

/** The text both sides sign, so that no signature fits another purpose, orchestrator, version or socket. */
export function registerText(parts: {
  nonce: string;
  orchestratorKey: string;
  version: number;
  publicKey: string;
}): string {
  return [
    'otherthing-agent-register',
    parts.version,
    parts.nonce,
    parts.orchestratorKey,
    parts.publicKey,
  ].join('\n');
}
export function registeredText(parts: {
  agentNonce: string;
  nodeId: string;
  publicKey: string;
  orchestratorKey: string;
}): string {
  return [
    'otherthing-orchestrator-registered',
    parts.agentNonce,
    parts.nodeId,
    parts.publicKey,
    parts.orchestratorKey,
  ].join('\n');
}

export const Register = z.object({
  type: z.literal('register'),
  share_key: z.string().max(32),
  capabilities: Capabilities,
  /** Narrows membership to these workspaces; empty means all that both sides agreed to. Never grants any. */
  workspace_ids: z.array(WorkspaceId).max(1000),
  resource_limits: ResourceLimits,
  remote_control_enabled: z.boolean(),
  protocol_version: z.number().int(),
  public_key: PublicKey,
  signature: Signature,
  agent_nonce: Nonce,
  /** Present on the first connect after `join --token`. */
  join_token: JoinTokenText.optional(),
  /** The name the machine suggests for itself; people may change it. */
  name: z.string().max(63).optional(),
  labels: Labels.optional(),
});
export type Register = z.infer<typeof Register>;

export const NodeWorkspace = z.object({ id: WorkspaceId, name: z.string() });

/** Somebody typed this node's share key; the owner of the machine accepts or rejects on the machine. */
export const PendingClaim = z.object({
  claim_id: z.string(),
  workspace_id: WorkspaceId,
  workspace_name: z.string(),
  claimed_by: z.string(),
  created_at: z.string(),
});
export type PendingClaim = z.infer<typeof PendingClaim>;

export const Registered = z.object({
  type: z.literal('registered'),
  node_id: NodeId,
  /** The only share key that may be shown: the orchestrator may have replaced the proposed one. */
  share_key: z.string(),
  share_key_expires_at: z.string(),
  workspace_ids: z.array(WorkspaceId),
  workspaces: z.array(NodeWorkspace),
  name: z.string(),
  owner: z.string().nullable(),
  pending_claims: z.array(PendingClaim),
  signature: Signature,
  heartbeat_ms: z.number().int().min(100),
  lease_ms: z.number().int().min(1000),
  join: z.object({ id: JoinTokenId, workspace_id: WorkspaceId, approved: z.boolean() }).optional(),
});
export type Registered = z.infer<typeof Registered>;
