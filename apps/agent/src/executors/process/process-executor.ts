import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@otherthing/protocol/errors';
import type { ExecutionRequest, Executor, ExecutorProbe } from '../executor.ts';
import type { Cgroups } from '../host/cgroups.ts';
import { leakCovers } from '../host/leaks.ts';
import { startPlain } from './plain-job.ts';
import { checkRequest } from './request.ts';
import { isSandbox, type NoSandbox, type Sandbox } from './sandbox.ts';
import { type JobLog, startSandboxed } from './sandboxed-job.ts';

export type ProcessExecutorOptions = {
  readonly stateDir: string;
  readonly log: JobLog;
  readonly allowUnsandboxed: boolean;
  readonly cgroups: Cgroups | undefined;
  readonly sandbox: SandboxSource;
};

/** The sandbox of this machine, shared by all executors and looked for once, or again when `retry` asks. */
export type SandboxSource = { get(): Promise<Sandbox | NoSandbox>; retry(): void };

const MB = 1024 * 1024;

/** Runs commands: in the sandbox, or where there is none and the owner allowed it, as they are. */
export function createProcessExecutor(options: ProcessExecutorOptions): Executor {
  const { stateDir, log, cgroups, sandbox } = options;
  return {
    kind: 'process',
    async probe() {
      try {
        sandbox.retry();
        const found = await sandbox.get();
        if (isSandbox(found)) return await tryOut(found, stateDir, log);
        return options.allowUnsandboxed ? unsandboxed(found) : { available: false, ...found };
      } catch (error) {
        log.error({ err: error }, 'the sandbox could not be tried out');
        const reason = `The sandbox could not be set up: ${error instanceof Error ? error.message : String(error)}.`;
        return { available: false, reason, hint: 'Look at the log of the agent.' };
      }
    },
    async start(request) {
      if (request.kind !== 'process')
        throw new AppError('job_spec_invalid', { message: 'This executor runs commands, not scripts.' });
      checkRequest(request);
      const found = await sandbox.get();
      if (isSandbox(found)) return startSandboxed(found, request, log);
      if (!options.allowUnsandboxed)
        throw new AppError('job_spec_invalid', { message: found.reason, hint: found.hint });
      return startPlain({ cgroups, covers: await leakCovers(6) }, request, log);
    },
  };
}

const unsandboxed = (found: NoSandbox): ExecutorProbe => ({
  available: true,
  isolation: 'none',
  notes: [
    'The owner allowed commands without a sandbox: jobs can do whatever the agent can.',
    `${found.reason} ${found.hint}`,
  ],
});

/** A real job with a real end, through everything a job goes through. */
async function tryOut(sandbox: Sandbox, stateDir: string, log: JobLog): Promise<ExecutorProbe> {
  await mkdir(stateDir, { recursive: true });
  const root = await mkdtemp(join(stateDir, 'probe-'));
  try {
    const folders = {
      root,
      input: join(root, 'input'),
      output: join(root, 'output'),
      work: join(root, 'work'),
    };
    for (const path of [folders.input, folders.output, folders.work]) await mkdir(path);
    const execution = await startSandboxed(sandbox, probeRequest(folders), log);
    let said = '';
    for (const stream of [execution.stdout, execution.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(0, 1000);
      });
    const result = await execution.done;
    if (result.end === 'exited' && result.exitCode === 0)
      return { available: true, isolation: 'sandbox', notes: sandbox.notes };
    return {
      available: false,
      reason: `A first job in the sandbox failed: ${result.message ?? 'no reason'} ${said.trim()}`,
      hint: 'Update bubblewrap and util-linux, and look at the log of the agent.',
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const probeRequest = (
  folders: ExecutionRequest['folders'],
): Extract<ExecutionRequest, { kind: 'process' }> => ({
  kind: 'process',
  attempt: `probe.${process.pid}`,
  folders,
  environment: {},
  secrets: {},
  stdin: null,
  command: ['/bin/sh', '-c', 'echo ok > "$OT_OUTPUT/ok"'],
  limits: {
    cpuCores: 1,
    memoryBytes: 64 * MB,
    maxProcesses: 16,
    diskBytes: 16 * MB,
    diskInodes: 64,
    runTimeoutMs: 20_000,
  },
});
