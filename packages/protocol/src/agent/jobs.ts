import { z } from 'zod';
import { Epoch, JobId, Sha256, WorkspaceId } from '../ids.ts';
import { Artifact, InputFile, JobFailure, Resources, Usage } from '../job-spec.ts';

/** One attempt, named by its job and its fencing number. */
export const AttemptRef = z.object({ job_id: JobId, epoch: Epoch });
export type AttemptRef = z.infer<typeof AttemptRef>;

const assignmentBase = {
  job_id: JobId,
  epoch: Epoch,
  workspace_id: WorkspaceId,
  name: z.string().optional(),
  env: z.record(z.string(), z.string()),
  /** Opened for this start only; the agent keeps them in memory and redacts them from output and messages. */
  secrets: z.record(z.string(), z.string()),
  inputs: z.array(InputFile),
  resources: Resources,
  run_timeout_ms: z.number().int().min(1),
  /** Bearer token of this attempt for `/api/node/v1/...` transfers. */
  transfer_token: z.string(),
};

export const Assignment = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('process'),
    command: z.array(z.string()),
    stdin: z.string().optional(),
    ...assignmentBase,
  }),
  z.object({ kind: z.literal('script'), source: z.string(), input: z.unknown(), ...assignmentBase }),
]);
export type Assignment = z.infer<typeof Assignment>;

/** Orchestrator -> agent: run these. Sent only after the assignment is committed; may be sent twice (same epoch: ignore). */
export const Assign = z.object({ type: z.literal('assign'), jobs: z.array(Assignment).min(1).max(256) });

/** Orchestrator -> agent: stop this attempt. `cancelled` wants an outcome; `superseded` has one already, drop the rest. */
export const Cancel = z.object({
  type: z.literal('cancel'),
  attempts: z.array(AttemptRef.extend({ reason: z.enum(['cancelled', 'superseded']) })).min(1),
});

/** Agent -> orchestrator: the first process of the attempt runs. Not kept: reconcile and the outcome say it again. */
export const Started = z.object({
  type: z.literal('started'),
  attempts: z
    .array(AttemptRef.extend({ at: z.string() }))
    .min(1)
    .max(1024),
});

/** Agent -> orchestrator: the node's own admission says no. Costs the job no attempt; the reason is shown to people. */
export const Refused = z.object({
  type: z.literal('refused'),
  attempts: z
    .array(AttemptRef.extend({ reason: z.string().max(1000) }))
    .min(1)
    .max(1024),
});

export const Outcome = z.object({
  seq: z.number().int().min(1),
  job_id: JobId,
  epoch: Epoch,
  state: z.enum(['succeeded', 'failed', 'cancelled']),
  started_at: z.string().optional(),
  ended_at: z.string(),
  exit_code: z.number().int().nullable(),
  failure: JobFailure.optional(),
  result: z.unknown().optional(),
  artifacts: z.array(Artifact).max(10_000).default([]),
  /** Files that were left out, with the reason, for example a symbolic link. */
  skipped: z
    .array(z.object({ path: z.string().max(1024), reason: z.string().max(200) }))
    .max(100)
    .default([]),
  usage: Usage.optional(),
  /** Length of the attempt's whole output stream, and what was cut beyond the cap. */
  output_bytes: z.number().int().min(0).default(0),
  output_cut_bytes: z.number().int().min(0).default(0),
});
export type Outcome = z.infer<typeof Outcome>;

/**
 * Agent -> orchestrator: entries of the node's outbox, in order of `seq`. An outbox is named by a random id made when
 * its files were created, so that a wiped or cloned disk is never mistaken for the one that was acknowledged.
 */
export const Outcomes = z.object({
  type: z.literal('outcomes'),
  outbox_id: z.string().min(1).max(64),
  entries: z.array(Outcome).min(1).max(1024),
});

export const Verdict = z.enum(['recorded', 'superseded', 'unknown']);
export type Verdict = z.infer<typeof Verdict>;

/** Orchestrator -> agent: everything up to `up_to` is decided and may be forgotten with its artifacts. */
export const OutcomesAck = z.object({
  type: z.literal('outcomes_ack'),
  outbox_id: z.string(),
  up_to: z.number().int().min(0),
  verdicts: z.array(z.object({ seq: z.number().int(), verdict: Verdict })),
});

/** Agent -> orchestrator on connect and once a minute: what is really there. */
export const Reconcile = z.object({
  type: z.literal('reconcile'),
  outbox_id: z.string().max(64),
  outbox_next_seq: z.number().int().min(1),
  /** Every attempt the node holds: waiting to start, running, or ended with an outcome not acknowledged yet. */
  attempts: z.array(AttemptRef.extend({ state: z.enum(['preparing', 'running', 'ended']) })).max(100_000),
});

/** Orchestrator -> agent: of the attempts named, these shall go on; everything else is to be stopped and dropped. Missing ones follow as `assign`. */
export const Desired = z.object({ type: z.literal('desired'), attempts: z.array(AttemptRef) });

/** Agent -> orchestrator: binary frames of `channel` belong to this attempt's output. Answered with `output_ack`. */
export const OutputOpen = z.object({
  type: z.literal('output_open'),
  channel: z.number().int().min(1).max(0xffff_ffff),
  job_id: JobId,
  epoch: Epoch,
});

/** Orchestrator -> agent: output of `channel` is stored up to `offset`; the agent continues there. `closed`: nothing more is wanted. */
export const OutputAck = z.object({
  type: z.literal('output_ack'),
  channel: z.number().int(),
  offset: z.number().int().min(0),
  closed: z.boolean().optional(),
});

/** Claims of a transfer token, signed by the orchestrator: one attempt on one node. */
export const TransferClaims = z.object({
  workspaceId: WorkspaceId,
  jobId: JobId,
  epoch: Epoch,
  nodeId: z.string(),
  expiresAt: z.number(),
});
export type TransferClaims = z.infer<typeof TransferClaims>;

export const BlobRef = z.object({ sha256: Sha256, size: z.number().int().min(0) });
