import { createHash } from 'node:crypto';
import { isAbsolute, normalize } from 'node:path';
import { AppError } from '@otherthing/protocol/errors';
import type { Executor, ExecutorProbe } from './executor.ts';
import type { Cgroups, GroupLimits } from './host/cgroups.ts';
import { createJobUids } from './host/job-uids.ts';
import { openCgroups } from './host/open-cgroups.ts';
import { createProcessExecutor, type SandboxSource } from './process/process-executor.ts';
import { isSandbox, type NoSandbox, openSandbox, type Sandbox } from './process/sandbox.ts';
import type { JobLog } from './process/sandboxed-job.ts';
import { type EnginePaths, sourceEngine } from './script/engine-paths.ts';
import { createScriptExecutor } from './script/script-executor.ts';

export type {
  AttemptFolders,
  Execution,
  ExecutionEnd,
  ExecutionLimits,
  ExecutionRequest,
  ExecutionResult,
  Executor,
  ExecutorProbe,
} from './executor.ts';
export type { GroupLimits } from './host/cgroups.ts';
export type { EnginePaths } from './script/engine-paths.ts';

export type ExecutorsOptions = {
  /** The agent's own folder; names its control groups and users, so that two agents on one machine do not meet. */
  readonly stateDir: string;
  readonly logger: JobLog;
  /** The owner lets commands run without a sandbox where there is none. */
  readonly allowUnsandboxed?: boolean | undefined;
  /** Paths of the owner's that every sandboxed job may read. */
  readonly extraReadOnlyPaths?: readonly string[] | undefined;
  /** Ceiling of all jobs of this node together, where there are control groups. */
  readonly nodeLimits?: GroupLimits | undefined;
  /** Where the script engine lies; default: beside the sources. */
  readonly engine?: EnginePaths | undefined;
  /** For tests: behave as on a machine that lacks something. */
  readonly without?: readonly ('sandbox' | 'cgroups' | 'images')[] | undefined;
};

export type Executors = {
  readonly executors: readonly Executor[];
  probeAll(): Promise<{ readonly kind: Executor['kind']; readonly probe: ExecutorProbe }[]>;
  /** Ends what a killed agent left running and removes its control groups. Mounts vanish by themselves. */
  sweepLeftovers(): Promise<void>;
  /** Lets a waiting script engine go and leaves no trace in the control groups, when no job runs any more. */
  close(): Promise<void>;
};

/** The door: everything on this machine that can run jobs. See README.md for what a job sees and what holds it. */
export async function createExecutors(options: ExecutorsOptions): Promise<Executors> {
  const { stateDir, logger: log, without = [] } = options;
  const extraReadOnlyPaths = (options.extraReadOnlyPaths ?? []).map(checkPath);
  const name = `otherthing-${createHash('sha256').update(stateDir).digest('hex').slice(0, 12)}`;
  const cgroups: Cgroups | undefined = without.includes('cgroups')
    ? undefined
    : await openCgroups({ name, nodeLimits: options.nodeLimits });
  const uids = process.getuid?.() === 0 ? createJobUids(stateDir) : undefined;
  const sandbox = sandboxSource(() => {
    if (without.includes('sandbox')) return Promise.resolve(SWITCHED_OFF);
    const disk = without.includes('images') ? 'watched' : undefined;
    return openSandbox({ stateDir, cgroups, uids, extraReadOnlyPaths, disk });
  });
  const allowUnsandboxed = options.allowUnsandboxed ?? false;
  const commands = createProcessExecutor({ stateDir, log, cgroups, allowUnsandboxed, sandbox });
  const scripts = createScriptExecutor({
    stateDir,
    log,
    engine: options.engine ?? sourceEngine(),
    sandbox: async () => {
      const found = await sandbox.get();
      return isSandbox(found) ? found : undefined;
    },
  });
  const executors = [commands, scripts];
  return {
    executors,
    probeAll: async () =>
      Promise.all(executors.map(async (each) => ({ kind: each.kind, probe: await each.probe() }))),
    sweepLeftovers: async () => cgroups?.sweep(),
    async close() {
      await scripts.close();
      await cgroups?.close();
    },
  };
}

const SWITCHED_OFF: NoSandbox = { reason: 'Sandboxes are switched off.', hint: 'Switch them on again.' };

function sandboxSource(open: () => Promise<Sandbox | NoSandbox>): SandboxSource {
  let opening: Promise<Sandbox | NoSandbox> | undefined;
  return {
    get() {
      opening ??= open();
      return opening;
    },
    retry() {
      opening = undefined;
    },
  };
}

function checkPath(path: string): string {
  if (!isAbsolute(path) || normalize(path) === '/')
    throw new AppError('bad_request', {
      message: `Jobs cannot be given ${JSON.stringify(path)}: it is not an absolute path below the root.`,
      hint: 'Give the whole path of one folder or file, for example /data/models.',
    });
  return normalize(path);
}
