import { z } from 'zod';
import { JobId, NodeId, Sha256, UserId } from '../ids.ts';
import {
  Artifact,
  JobFailure,
  JobSpec,
  JobState,
  Placement,
  Resources,
  StoredJobSpec,
  Usage,
} from '../job-spec.ts';
import { defineRoute, PageQuery, page, Timestamp } from './route.ts';
import { WorkspaceParams } from './workspaces.ts';

const base = '/api/v1/workspaces/:workspaceId';
const JobParams = WorkspaceParams.extend({ jobId: JobId });
const NodeName = z.object({ id: NodeId, name: z.string() });

/** One try on one node. The last one is the job's current attempt. */
export const Attempt = z
  .object({
    epoch: z.number().int(),
    node: NodeName,
    state: z.enum(['starting', 'running', 'succeeded', 'failed', 'cancelled', 'lost', 'superseded']),
    assignedAt: Timestamp,
    startedAt: Timestamp.nullable(),
    endedAt: Timestamp.nullable(),
    exitCode: z.number().int().nullable(),
    failure: JobFailure.nullable(),
    outputBytes: z.number().int(),
  })
  .meta({ id: 'Attempt' });
export type Attempt = z.infer<typeof Attempt>;

export const JobSummary = z
  .object({
    id: JobId,
    name: z
      .string()
      .meta({ description: 'the given name, else the command or the first line of the script' }),
    kind: z.enum(['process', 'script']),
    state: JobState,
    cancelRequested: z.boolean(),
    createdBy: z.object({ id: UserId, name: z.string() }),
    node: NodeName.nullable(),
    attempts: z.number().int().meta({ description: 'tries so far' }),
    createdAt: Timestamp,
    startedAt: Timestamp.nullable(),
    endedAt: Timestamp.nullable(),
    exitCode: z.number().int().nullable(),
    failure: JobFailure.nullable(),
  })
  .meta({ id: 'JobSummary' });
export type JobSummary = z.infer<typeof JobSummary>;

export const Job = JobSummary.extend({
  spec: StoredJobSpec,
  result: z.unknown().optional(),
  attemptList: z.array(Attempt),
  artifacts: z.array(Artifact).meta({ description: 'the first 1,000; the list route has all' }),
  artifactCount: z.number().int(),
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
  usage: Usage.nullable(),
  output: z.object({
    epoch: z.number().int(),
    bytes: z.number().int(),
    cutBytes: z.number().int(),
    sealed: z.boolean(),
  }),
}).meta({ id: 'Job' });
export type Job = z.infer<typeof Job>;

export const postJobs = defineRoute({
  id: 'postJobs',
  method: 'POST',
  path: `${base}/jobs`,
  summary: 'Submit 1 to 100 jobs, all or none; a reply means they are committed',
  access: { role: 'member', scope: 'jobs:write' },
  params: WorkspaceParams,
  body: z.strictObject({ jobs: z.array(JobSpec).min(1).max(100) }),
  reply: z.object({ ids: z.array(JobId) }),
  status: 201,
  idempotent: true,
  errors: ['job_spec_invalid', 'network_refused', 'input_missing', 'idempotency_mismatch', 'overloaded'],
});
export const listJobs = defineRoute({
  id: 'listJobs',
  method: 'GET',
  path: `${base}/jobs`,
  summary: 'Jobs, newest first',
  access: { role: 'viewer', scope: 'jobs:read' },
  params: WorkspaceParams,
  query: PageQuery.extend({
    state: z.string().max(120).optional().meta({ description: 'one or more states, separated by commas' }),
    node: NodeId.optional(),
    by: z.string().max(64).optional().meta({ description: 'a user id, or `me`' }),
    kind: z.enum(['process', 'script']).optional(),
    q: z.string().max(100).optional().meta({ description: 'part of the name' }),
  }),
  reply: page(JobSummary),
});
export const getJob = defineRoute({
  id: 'getJob',
  method: 'GET',
  path: `${base}/jobs/:jobId`,
  summary: 'One job with its attempts and artifacts',
  access: { role: 'viewer', scope: 'jobs:read' },
  params: JobParams,
  reply: Job,
  errors: ['job_not_found'],
});
export const cancelJob = defineRoute({
  id: 'cancelJob',
  method: 'POST',
  path: `${base}/jobs/:jobId/cancel`,
  summary: 'Stop a job: SIGTERM, one second, SIGKILL',
  access: { role: 'member', scope: 'jobs:write' },
  params: JobParams,
  reply: JobSummary,
  status: 202,
  errors: ['job_not_found', 'job_ended'],
});
export const deleteJob = defineRoute({
  id: 'deleteJob',
  method: 'DELETE',
  path: `${base}/jobs/:jobId`,
  summary: 'Delete an ended job with its output and artifacts',
  access: { role: 'member', scope: 'jobs:write' },
  params: JobParams,
  reply: 'empty',
  errors: ['job_not_found', 'job_active'],
});

/**
 * Output of one attempt as a record stream (see `output.ts`). The reply holds whole records from `from` on, at most
 * `max` bytes, and the headers `ot-next` (offset to continue at), `ot-epoch`, and `ot-end: 1` once nothing can follow.
 * With `wait`, an empty reply is held back until there is something or the seconds are over.
 */
export const getOutput = defineRoute({
  id: 'getOutput',
  method: 'GET',
  path: `${base}/jobs/:jobId/output`,
  summary: 'Output from an offset on; waits for more if asked to',
  access: { role: 'viewer', scope: 'jobs:read' },
  params: JobParams,
  query: z.object({
    epoch: z.coerce
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: 'an attempt; the current one if left out' }),
    from: z.coerce.number().int().min(0).default(0),
    tail: z.coerce
      .number()
      .int()
      .min(0)
      .max(1_048_576)
      .optional()
      .meta({ description: 'start about so many bytes before the end instead of at `from`' }),
    wait: z.coerce.number().min(0).max(30).default(0).meta({ description: 'seconds' }),
    max: z.coerce.number().int().min(65_536).max(4_194_304).default(1_048_576),
  }),
  reply: 'bytes',
  errors: ['job_not_found'],
});
export const OUTPUT_HEADERS = { next: 'ot-next', epoch: 'ot-epoch', end: 'ot-end' } as const;

export const listArtifacts = defineRoute({
  id: 'listArtifacts',
  method: 'GET',
  path: `${base}/jobs/:jobId/artifacts`,
  summary: 'Files the job left, by path',
  access: { role: 'viewer', scope: 'jobs:read' },
  params: JobParams,
  query: PageQuery.extend({
    limit: z.coerce.number().int().min(1).max(1000).default(200),
    cursor: z.string().max(1024).optional(),
  }),
  reply: page(Artifact),
  errors: ['job_not_found'],
});
export const getArtifact = defineRoute({
  id: 'getArtifact',
  method: 'GET',
  path: `${base}/jobs/:jobId/artifact`,
  summary: 'The bytes of one artifact; takes Range',
  access: { role: 'viewer', scope: 'jobs:read' },
  params: JobParams,
  query: z.object({ path: z.string().max(1024) }),
  reply: 'bytes',
  errors: ['job_not_found', 'artifact_not_found'],
});

/** Why a job waits or failed, and how it would fit: one row per node with what stands in the way. */
export const NodeFit = z.object({
  node: NodeName,
  fits: z.boolean().meta({ description: 'could run it now' }),
  reasons: z.array(z.object({ code: z.string(), message: z.string(), unblock: z.string().optional() })),
});
export type NodeFit = z.infer<typeof NodeFit>;
export const Explanation = z
  .object({
    summary: z.string().meta({ description: 'one sentence that names the limit and the knob' }),
    hint: z.string().optional(),
    nodes: z.array(NodeFit),
  })
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof Explanation>;
export const explainJob = defineRoute({
  id: 'explainJob',
  method: 'GET',
  path: `${base}/jobs/:jobId/why`,
  summary: 'Why the job waits, or why it failed',
  access: { role: 'viewer', scope: 'jobs:read' },
  params: JobParams,
  reply: Explanation,
  errors: ['job_not_found'],
});
export const fitJob = defineRoute({
  id: 'fitJob',
  method: 'POST',
  path: `${base}/jobs/fit`,
  summary: 'On which nodes a job would fit, before it is submitted',
  access: { role: 'viewer', scope: 'jobs:read' },
  params: WorkspaceParams,
  body: z.strictObject({
    kind: z.enum(['process', 'script']),
    resources: Resources.default(Resources.parse({})),
    placement: Placement.default(Placement.parse({})),
  }),
  reply: Explanation.extend({ fitting: z.number().int(), total: z.number().int() }),
});

/** Figures of the overview page. `today` starts at midnight UTC. */
export const JobCounts = z.object({
  waiting: z.number().int(),
  starting: z.number().int(),
  running: z.number().int(),
  succeededToday: z.number().int(),
  failedToday: z.number().int(),
  cancelledToday: z.number().int(),
});
export const getJobCounts = defineRoute({
  id: 'getJobCounts',
  method: 'GET',
  path: `${base}/job-counts`,
  summary: 'Counts by state',
  access: { role: 'viewer', scope: 'jobs:read' },
  params: WorkspaceParams,
  reply: JobCounts,
});

/** Uploads of input files: content-addressed, resumable. HEAD tells how much is there (`ot-offset`, and `ot-complete: 1`). */
const BlobParams = WorkspaceParams.extend({ sha256: Sha256 });
export const headBlob = defineRoute({
  id: 'headBlob',
  method: 'HEAD',
  path: `${base}/blobs/:sha256`,
  summary: 'Whether a file is there, or how much of it',
  access: { role: 'member', scope: 'files:write' },
  params: BlobParams,
  reply: 'empty',
});
export const putBlob = defineRoute({
  id: 'putBlob',
  method: 'PUT',
  path: `${base}/blobs/:sha256`,
  summary:
    'Upload a file or the rest of it from an offset on; 200 with `complete` once its sha256 was checked',
  access: { role: 'member', scope: 'files:write' },
  params: BlobParams,
  query: z.object({
    offset: z.coerce.number().int().min(0).default(0),
    size: z.coerce.number().int().min(0).meta({ description: 'of the whole file' }),
  }),
  body: 'bytes',
  reply: z.object({ complete: z.boolean(), offset: z.number().int() }),
  errors: ['upload_offset', 'blob_mismatch', 'quota_exceeded', 'disk_full'],
});
export const BLOB_HEADERS = { offset: 'ot-offset', complete: 'ot-complete' } as const;
