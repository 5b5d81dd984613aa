import { z } from 'zod';
import { NodeId, Sha256 } from './ids.ts';
import { DisplayName, Labels, RelativePath } from './names.ts';

/** What a job asks for. Unknown fields are refused, so that a misspelt limit is never silently ignored. */

const EnvironmentName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be letters, digits and _');
const noNul = (text: string) => !text.includes('\0');
const EnvironmentValue = z.string().max(32_768).refine(noNul, 'must not contain NUL');

const Environment = z
  .record(EnvironmentName, EnvironmentValue)
  .refine((env) => Object.keys(env).length <= 256, 'at most 256 variables')
  .refine(
    (env) => !Object.keys(env).some((name) => name.startsWith('OT_')),
    'names starting with OT_ are set by OtherThing',
  );

/** One input file: bytes already in the workspace's blob store, and where the job finds them below `$OT_INPUT`. */
export const InputFile = z.strictObject({
  path: RelativePath,
  sha256: Sha256,
  size: z.number().int().min(0),
  executable: z.boolean().default(false),
});
export type InputFile = z.infer<typeof InputFile>;

export const Resources = z.strictObject({
  cpuCores: z.number().min(0.1).max(1024).default(1).meta({ description: 'CPU cores, may be a fraction' }),
  memoryMb: z.number().int().min(16).max(16_777_216).default(512).meta({ description: 'MiB of memory' }),
  diskMb: z
    .number()
    .int()
    .min(1)
    .max(16_777_216)
    .default(1024)
    .meta({ description: 'MiB the job may write' }),
  processes: z.number().int().min(1).max(32_768).default(256),
});
export type Resources = z.infer<typeof Resources>;

export const Timeouts = z.strictObject({
  queueSeconds: z
    .number()
    .int()
    .min(1)
    .max(30 * 86_400)
    .default(86_400)
    .meta({ description: 'longest wait for a node' }),
  runSeconds: z
    .number()
    .int()
    .min(1)
    .max(30 * 86_400)
    .default(3600)
    .meta({ description: 'longest run of one attempt' }),
});

export const Retries = z.strictObject({
  lostNode: z
    .number()
    .int()
    .min(0)
    .max(20)
    .default(3)
    .meta({ description: 'new attempts after a node was lost' }),
  failure: z
    .number()
    .int()
    .min(0)
    .max(20)
    .default(0)
    .meta({ description: "new attempts after the job's own failure" }),
});

export const Placement = z.strictObject({
  nodes: z.array(NodeId).max(100).default([]).meta({ description: 'only these nodes; empty means any' }),
  labels: Labels.default({}).meta({ description: 'only nodes that carry all of these labels' }),
});

const common = {
  name: DisplayName.optional(),
  env: Environment.default({}),
  secrets: Environment.default({}).meta({
    description:
      'like env, but stored sealed, given to the job only at its start, and redacted in its output',
  }),
  inputs: z.array(InputFile).max(10_000).default([]),
  resources: Resources.default(Resources.parse({})),
  timeouts: Timeouts.default(Timeouts.parse({})),
  retries: Retries.default(Retries.parse({})),
  placement: Placement.default(Placement.parse({})),
  idempotent: z
    .boolean()
    .default(false)
    .meta({ description: 'running it twice does no harm: a late result of an older attempt may be adopted' }),
  network: z.unknown().optional().meta({ description: 'refused: jobs have no network' }),
};

export const ProcessJob = z.strictObject({
  kind: z.literal('process'),
  command: z
    .array(z.string().max(131_072).refine(noNul, 'must not contain NUL'))
    .min(1)
    .max(4096)
    .refine((command) => command[0] !== '', 'the command must not be empty')
    .refine(
      (command) => command.reduce((sum, part) => sum + part.length, 0) <= 262_144,
      'at most 256 KiB in all',
    ),
  stdin: z.string().max(1_048_576).optional(),
  ...common,
});

export const ScriptJob = z.strictObject({
  kind: z.literal('script'),
  source: z
    .string()
    .min(1)
    .max(262_144)
    .meta({ description: 'JavaScript; see the documentation of script jobs' }),
  input: z.json().optional().meta({ description: 'JSON the script receives, at most 256 KiB' }),
  ...common,
});

export const JobSpec = z
  .discriminatedUnion('kind', [ProcessJob, ScriptJob])
  .refine((spec) => new Set(spec.inputs.map((file) => file.path)).size === spec.inputs.length, {
    path: ['inputs'],
    message: 'two input files have the same path',
  })
  .refine((spec) => Object.keys(spec.secrets).every((name) => !(name in spec.env)), {
    path: ['secrets'],
    message: 'a name is in env and in secrets',
  })
  .meta({ id: 'JobSpec', description: 'What to run and what it needs.' });
export type JobSpec = z.infer<typeof JobSpec>;
/** A job as a client may write it: everything with a default may be left out. */
export type JobSpecInput = z.input<typeof JobSpec>;

/** The spec as it is kept and shown: secret values replaced by their names. */
export const StoredJobSpec = z.discriminatedUnion('kind', [
  ProcessJob.omit({ secrets: true, network: true }).extend({ secrets: z.array(EnvironmentName) }),
  ScriptJob.omit({ secrets: true, network: true }).extend({ secrets: z.array(EnvironmentName) }),
]);
export type StoredJobSpec = z.infer<typeof StoredJobSpec>;

export const JOB_STATES = ['waiting', 'starting', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export const JobState = z.enum(JOB_STATES).meta({ id: 'JobState' });
export type JobState = z.infer<typeof JobState>;

/** True once a job can never change state again. */
export function isFinal(state: JobState): state is 'succeeded' | 'failed' | 'cancelled' {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** Who or what made an attempt fail; decides which retry budget pays. */
export const FailureCause = z.enum(['job', 'limit', 'node', 'platform', 'owner', 'queue']);
export type FailureCause = z.infer<typeof FailureCause>;

export const JobFailure = z
  .object({
    cause: FailureCause,
    code: z
      .string()
      .max(64)
      .meta({ description: 'for example exit_code, memory_limit, run_timeout, node_lost' }),
    message: z.string().max(2000),
    hint: z.string().max(2000).optional(),
  })
  .meta({ id: 'JobFailure' });
export type JobFailure = z.infer<typeof JobFailure>;

export const Usage = z.object({
  wallMs: z.number().min(0),
  cpuMs: z.number().min(0),
  maxMemoryBytes: z.number().min(0),
});
export type Usage = z.infer<typeof Usage>;

export const Artifact = z
  .object({
    path: RelativePath,
    sha256: Sha256,
    size: z.number().int().min(0),
    executable: z.boolean().default(false),
  })
  .meta({ id: 'Artifact' });
export type Artifact = z.infer<typeof Artifact>;

/** The sum of what one attempt may leave: beyond it, the rest is named in the outcome's `skipped`. */
export const MAX_ARTIFACTS = 10_000;
