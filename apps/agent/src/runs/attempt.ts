import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Assignment, AttemptRef } from '@otherthing/protocol/agent';
import { AppError } from '@otherthing/protocol/errors';
import type { JobFailure } from '@otherthing/protocol/job-spec';
import { type Clock, type Logger, SECOND } from '@otherthing/runtime';
import { isDiskFull, removeTree } from '../disk/index.ts';
import type { Execution, ExecutionRequest, ExecutionResult, Executor } from '../executors/executor.ts';
import type { Draft } from '../outbox/index.ts';
import { collectArtifacts } from './artifacts.ts';
import { failureOf, nodeFailure } from './failures.ts';
import type { Inputs } from './inputs.ts';
import { createOutputPump, type OutputPump } from './output-pump.ts';
import { redactJson, redactText } from './redact.ts';
import { Spool } from './spool.ts';

/** `cancelled`: a person wants it to end. `dropped`: nobody wants its outcome. `stopping`: the agent itself ends. */
export type StopReason = 'cancelled' | 'dropped' | 'stopping';

/** An executor that touches no files may say so and spares every job four folders. */
export type RunExecutor = Executor & { readonly folderless?: boolean };

export type AttemptOptions = {
  readonly assignment: Assignment;
  readonly executor: RunExecutor;
  /** Everything of this attempt on disk. */
  readonly folder: string;
  readonly inputs: Inputs;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly outputCapBytes?: number | undefined;
  readonly spoolCapBytes?: number | undefined;
  readonly onStarted: (at: string) => void;
  /** Output will follow in this spool. */
  readonly onSpool: (spool: Spool) => void;
};

const MB = 1024 * 1024;
/** Inodes a job may make for each MiB of disk it asked for, and at least. */
const INODES_PER_MB = 256;
const MIN_INODES = 4096;
/** The pipes of a dead job are empty at once; a process that escaped with one of them must not hold the end back. */
const PIPES_MS = 5 * SECOND;
const MAX_RESULT_BYTES = 1024 * 1024;

/** One try of one job, from its assignment to its draft of an outcome. */
export class Attempt {
  readonly ref: AttemptRef;
  readonly #options: AttemptOptions;
  readonly #abort = new AbortController();
  readonly #spool: Spool;
  #transferToken: string;
  #stop: StopReason | undefined;
  #execution: Execution | undefined;
  #startedAt: string | undefined;

  constructor(options: AttemptOptions) {
    const { job_id, epoch, transfer_token } = options.assignment;
    this.ref = { job_id, epoch };
    this.#options = options;
    this.#transferToken = transfer_token;
    this.#spool = new Spool(join(options.folder, 'spool'), options.spoolCapBytes);
  }

  get state(): 'preparing' | 'running' {
    return this.#startedAt === undefined ? 'preparing' : 'running';
  }

  get startedAt(): string | undefined {
    return this.#startedAt;
  }

  get assignment(): Assignment {
    return this.#options.assignment;
  }

  get spool(): Spool {
    return this.#spool;
  }

  /** False when there is nothing on disk to clean up. */
  get leavesFiles(): boolean {
    return !this.#options.executor.folderless || this.#spool.end > 0;
  }

  get transferToken(): string {
    return this.#transferToken;
  }

  set transferToken(token: string) {
    this.#transferToken = token;
  }

  /** Ends it as soon as possible. Only `dropped` overrides an earlier reason. */
  stop(reason: StopReason): void {
    if (this.#stop === undefined || reason === 'dropped') this.#stop = reason;
    if (reason === 'dropped') this.#spool.discard();
    this.#abort.abort();
    this.#execution?.cancel();
  }

  /** Prepares, runs, collects. Never rejects: every end is a draft. */
  async run(): Promise<Draft> {
    try {
      const execution = await this.#start();
      return await this.#finish(execution);
    } catch (error) {
      return this.#failedDraft(error);
    } finally {
      if (!this.#spool.finished) await this.#spool.finish().catch(() => undefined);
    }
  }

  async #start(): Promise<Execution> {
    const { assignment, executor, inputs, folder } = this.#options;
    const folders = foldersOf(folder);
    if (!executor.folderless) {
      await removeTree(folder);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const path of [folders.input, folders.output, folders.work]) await mkdir(path, { mode: 0o755 });
      await inputs.fetch(assignment, folders.input, {
        token: () => this.#transferToken,
        signal: this.#abort.signal,
      });
    }
    this.#abort.signal.throwIfAborted();
    const execution = await executor.start(requestOf(assignment, folders));
    this.#execution = execution;
    if (this.#stop) execution.cancel();
    this.#startedAt = new Date(this.#options.clock.now()).toISOString();
    this.#options.onStarted(this.#startedAt);
    return execution;
  }

  async #finish(execution: Execution): Promise<Draft> {
    const { assignment, clock, logger, outputCapBytes } = this.#options;
    const { secrets } = assignment;
    let announced = false;
    this.#spool.onChange = () => {
      if (announced) return;
      announced = true;
      this.#options.onSpool(this.#spool);
    };
    const pump = createOutputPump({
      spool: this.#spool,
      secrets,
      clock,
      logger,
      ...(outputCapBytes === undefined ? {} : { capBytes: outputCapBytes }),
    });
    const result = await readToEnd(execution, pump);
    const failure = failureOf(result);
    const stopped = this.#stopFailure(result);
    const checked = checkResult(redactJson(result.result, secrets));
    const collected = await this.#collect();
    await this.#spool.finish();
    const state =
      stopped === 'cancelled'
        ? 'cancelled'
        : (stopped ?? failure ?? checked.failure)
          ? 'failed'
          : 'succeeded';
    const why = stopped === 'cancelled' ? undefined : (stopped ?? failure ?? checked.failure);
    return {
      ...this.#draftBase(),
      state,
      exit_code: result.exitCode,
      ...(why ? { failure: redactFailure(why, secrets) } : {}),
      ...(checked.result === undefined ? {} : { result: checked.result }),
      ...collected,
      usage: result.usage,
      output_bytes: this.#spool.end,
      output_cut_bytes: pump.cutBytes(),
    };
  }

  /** A job that ended by itself just before it was stopped keeps its own end. */
  #stopFailure(result: ExecutionResult): 'cancelled' | JobFailure | undefined {
    if (result.end !== 'cancelled') return undefined;
    return this.#stop === 'stopping' ? AGENT_STOPPED : 'cancelled';
  }

  async #collect(): Promise<Pick<Draft, 'artifacts' | 'skipped'>> {
    const { assignment, executor, folder } = this.#options;
    if (executor.folderless || this.#stop === 'dropped') return { artifacts: [], skipped: [] };
    const { artifacts, skipped } = await collectArtifacts(foldersOf(folder).output, {
      maxBytes: assignment.resources.diskMb * MB,
    });
    return { artifacts, skipped: [...skipped] };
  }

  #failedDraft(error: unknown): Draft {
    const base = { ...this.#draftBase(), exit_code: null, artifacts: [], skipped: [] };
    const output = { output_bytes: this.#spool.end, output_cut_bytes: 0 };
    if (this.#stop === 'cancelled' || this.#stop === 'dropped')
      return { ...base, ...output, state: 'cancelled' };
    const failure = this.#stop === 'stopping' ? AGENT_STOPPED : this.#failureOfError(error);
    return {
      ...base,
      ...output,
      state: 'failed',
      failure: redactFailure(failure, this.#options.assignment.secrets),
    };
  }

  #failureOfError(error: unknown): JobFailure {
    this.#options.logger.error({ err: error, ...this.ref }, 'an attempt failed outside of its job');
    if (isDiskFull(error))
      return nodeFailure({
        cause: 'node',
        code: 'disk_full',
        message: 'The disk of the node is full.',
        hint: 'Free some space on it; the job can run on another node meanwhile.',
      });
    const before = this.#startedAt === undefined;
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof AppError)
      return nodeFailure({ cause: 'platform', code: error.code, message, hint: error.hint });
    return nodeFailure({
      cause: 'platform',
      code: before ? 'failed_to_start' : 'agent_error',
      message: `${before ? 'The node could not start the job' : 'The node could not complete the job'}: ${message}`,
      hint: 'Look at the log of the agent on that node.',
    });
  }

  #draftBase() {
    return {
      ...this.ref,
      ...(this.#startedAt === undefined ? {} : { started_at: this.#startedAt }),
      ended_at: new Date(this.#options.clock.now()).toISOString(),
    };
  }
}

const AGENT_STOPPED: JobFailure = {
  cause: 'owner',
  code: 'agent_stopped',
  message: 'The owner of the node stopped its agent while the job ran.',
  hint: 'It is tried again on another node if its retries allow it.',
};

export function foldersOf(root: string) {
  return { root, input: join(root, 'input'), output: join(root, 'output'), work: join(root, 'work') };
}

function requestOf(assignment: Assignment, folders: ReturnType<typeof foldersOf>): ExecutionRequest {
  const { resources } = assignment;
  const common = {
    attempt: `${assignment.job_id}.${assignment.epoch}`,
    folders,
    environment: assignment.env,
    secrets: assignment.secrets,
    limits: {
      cpuCores: resources.cpuCores,
      memoryBytes: resources.memoryMb * MB,
      maxProcesses: resources.processes,
      diskBytes: resources.diskMb * MB,
      diskInodes: Math.max(MIN_INODES, resources.diskMb * INODES_PER_MB),
      runTimeoutMs: assignment.run_timeout_ms,
    },
  };
  return assignment.kind === 'process'
    ? { ...common, kind: 'process', command: assignment.command, stdin: assignment.stdin ?? null }
    : { ...common, kind: 'script', source: assignment.source, input: assignment.input, stdin: null };
}

async function readToEnd(execution: Execution, pump: OutputPump): Promise<ExecutionResult> {
  const pipes = Promise.all([pump.read(execution.stdout, 'stdout'), pump.read(execution.stderr, 'stderr')]);
  const result = await execution.done;
  if (execution.stdout.readableEnded && execution.stderr.readableEnded) {
    await pipes;
    return result;
  }
  const idle = new AbortController();
  // What is in the pipes is read however long the orchestrator takes; only an open but silent pipe is given up.
  const silent = waitSilent(execution, idle.signal).then(() => {
    execution.stdout.destroy();
    execution.stderr.destroy();
  });
  await pipes;
  idle.abort();
  await silent.catch(() => undefined);
  return result;
}

async function waitSilent(execution: Execution, signal: AbortSignal): Promise<void> {
  const streams = [execution.stdout, execution.stderr];
  const isOpen = () => streams.some((stream) => !stream.readableEnded && !stream.destroyed);
  const holdsNothing = () => streams.every((stream) => stream.readableLength === 0);
  for (let quietMs = 0; isOpen() && quietMs < PIPES_MS; ) {
    await setTimeout(100, undefined, { signal });
    quietMs = holdsNothing() ? quietMs + 100 : 0;
  }
}

function checkResult(result: unknown): { result?: unknown; failure?: JobFailure } {
  if (result === undefined) return {};
  const bytes = Buffer.byteLength(JSON.stringify(result) ?? '');
  if (bytes <= MAX_RESULT_BYTES) return { result };
  return {
    failure: {
      cause: 'limit',
      code: 'result_too_large',
      message: `The result of the script is ${bytes} bytes of JSON; at most ${MAX_RESULT_BYTES} are kept.`,
      hint: 'Write large results to a file in $OT_OUTPUT and return only what is needed at a glance.',
    },
  };
}

function redactFailure(failure: JobFailure, secrets: Readonly<Record<string, string>>): JobFailure {
  return { ...failure, message: redactText(failure.message, secrets) };
}
