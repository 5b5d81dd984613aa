import { ExecutorCapability, PendingClaim, ResourceLimits } from '@otherthing/protocol/agent';
import { z } from 'zod';

/** What `status` shows of a running agent. */
export const AgentStatus = z.object({
  version: z.string(),
  pid: z.number(),
  stateDir: z.string(),
  nodeId: z.string(),
  fingerprint: z.string(),
  name: z.string().nullable(),
  owner: z.string().nullable(),
  url: z.string(),
  orchestratorFingerprint: z.string().nullable(),
  connection: z.object({
    state: z.enum(['connecting', 'connected', 'waiting', 'stopped']),
    since: z.string(),
    retryAt: z.string().nullable(),
    problem: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  }),
  shareKey: z.string().nullable(),
  shareKeyExpiresAt: z.string().nullable(),
  workspaces: z.array(z.object({ id: z.string(), name: z.string() })),
  waitingForAdmin: z.boolean(),
  pendingClaims: z.array(PendingClaim),
  limits: ResourceLimits,
  used: z.object({ cpuCores: z.number(), memoryMb: z.number() }),
  allowUnsandboxed: z.boolean(),
  executors: z.array(ExecutorCapability),
  jobs: z.array(
    z.object({
      jobId: z.string(),
      epoch: z.number(),
      name: z.string().nullable(),
      kind: z.string(),
      state: z.enum(['preparing', 'running', 'delivering']),
      startedAt: z.string().nullable(),
    }),
  ),
  unacknowledged: z.number(),
  refusing: z.string().nullable(),
});
export type AgentStatus = z.infer<typeof AgentStatus>;

export const LocalCommand = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('status') }),
  z.strictObject({ command: z.literal('answer'), claim: z.string().max(64).nullable(), accept: z.boolean() }),
  z.strictObject({ command: z.literal('rotate-key') }),
  z.strictObject({ command: z.literal('leave'), workspaceId: z.string().max(64).nullable() }),
]);
export type LocalCommand = z.infer<typeof LocalCommand>;
