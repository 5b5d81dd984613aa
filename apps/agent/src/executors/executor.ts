import type { Readable } from 'node:stream';

/**
 * What every executor is and does. The runner (../runner) prepares a working folder, asks one executor to start
 * the job in it, reads its two output streams with backpressure, and collects artifacts after `done` settled.
 */

/** Ceilings of one attempt; an executor that cannot keep one of them says so in its `probe`. */
export type ExecutionLimits = {
  /** CPU cores, may be a fraction. */
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly maxProcesses: number;
  /** Bytes and inodes the job may occupy in its working folder and its /tmp together. */
  readonly diskBytes: number;
  readonly diskInodes: number;
  readonly runTimeoutMs: number;
};

/**
 * Folders of one attempt, already made by the runner, all below `root`:
 * `input` (read by the job; readable by others, as the job may be another user), `output` (= `$OT_OUTPUT`, complete only
 * when `done` settled), `work` (its current directory, empty). An executor may put files of its own into `root`; it has
 * removed and unmounted them when `done` settles, all but what the runner then removes with `root`.
 */
export type AttemptFolders = {
  readonly root: string;
  readonly input: string;
  readonly output: string;
  readonly work: string;
};

export type ExecutionRequest = {
  /** `<job id>.<epoch>`; unique on the node, safe as a file or cgroup name. */
  readonly attempt: string;
  readonly folders: AttemptFolders;
  readonly environment: Readonly<Record<string, string>>;
  /** Sealed secrets, opened by the orchestrator for this start only; they join the environment, never a file or an argument. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly stdin: string | null;
  readonly limits: ExecutionLimits;
} & (
  | { readonly kind: 'process'; readonly command: readonly string[] }
  | { readonly kind: 'script'; readonly source: string; readonly input: unknown }
);

/** Why an execution ended. `failed_to_start` is the platform's fault, `exited` the job's own doing, the rest name the limit. */
export type ExecutionEnd =
  | 'exited'
  | 'cancelled'
  | 'run_timeout'
  | 'memory_limit'
  | 'disk_limit'
  | 'process_limit'
  | 'failed_to_start';

export type ExecutionResult = {
  readonly end: ExecutionEnd;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** JSON result of a script job; `undefined` for processes. */
  readonly result?: unknown;
  /** One plain sentence for the person: what happened, which limit, which knob. Absent on a clean exit 0. */
  readonly message?: string;
  readonly usage: { readonly wallMs: number; readonly cpuMs: number; readonly maxMemoryBytes: number };
};

/** A started job. `done` settles only after the last process of the job is dead; it never rejects. */
export type Execution = {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly done: Promise<ExecutionResult>;
  /** SIGTERM to the whole tree, one second, SIGKILL to the whole tree. Idempotent. */
  cancel(): void;
};

/** What a node can offer with this executor: how strongly a job is held apart from the machine, or why not at all. */
export type ExecutorProbe =
  | {
      readonly available: true;
      readonly isolation: 'script' | 'sandbox' | 'none';
      readonly notes: readonly string[];
    }
  | { readonly available: false; readonly reason: string; readonly hint: string };

export type Executor = {
  readonly kind: 'process' | 'script';
  /** Tries the real thing once at start-up (for example `bwrap ... true`); never throws. */
  probe(): Promise<ExecutorProbe>;
  /** Starts a job. Resolves as soon as the first process runs; rejects only for a request that makes no sense. */
  start(request: ExecutionRequest): Promise<Execution>;
};
