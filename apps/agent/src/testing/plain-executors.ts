import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import type { ExecutorSet } from '../agent-parts.ts';
import type { Execution, ExecutionRequest, ExecutionResult, Executor } from '../executors/executor.ts';

/**
 * Small real executors for tests of everything around them: `process` runs the command as it is in the work folder,
 * `script` runs its source by `node -e`-like evaluation in a child. Neither holds a job apart from the machine.
 */
function run(request: ExecutionRequest, command: readonly string[]): Promise<Execution> {
  const startedAt = Date.now();
  const child = spawn(command[0] as string, command.slice(1), {
    cwd: request.folders.work,
    env: {
      PATH: process.env.PATH,
      OT_INPUT: request.folders.input,
      OT_OUTPUT: request.folders.output,
      ...request.environment,
      ...request.secrets,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let cancelled = false;
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  child.stdin.on('error', () => undefined);
  child.stdin.end(request.stdin ?? '');
  const done = new Promise<ExecutionResult>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      kill('SIGKILL');
      const usage = { wallMs: Date.now() - startedAt, cpuMs: 0, maxMemoryBytes: 0 };
      resolve({
        end: cancelled ? 'cancelled' : 'exited',
        exitCode,
        signal: cancelled ? null : signal,
        usage,
      });
    });
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () =>
      resolve({
        pid: child.pid as number,
        stdout: child.stdout,
        stderr: child.stderr,
        done,
        cancel() {
          cancelled = true;
          kill('SIGKILL');
        },
      }),
    );
  });
}

const processExecutor: Executor = {
  kind: 'process',
  probe: async () => ({ available: true, isolation: 'none', notes: ['for tests'] }),
  start: (request) => run(request, request.kind === 'process' ? request.command : []),
};

const scriptExecutor: Executor = {
  kind: 'script',
  probe: async () => ({ available: true, isolation: 'script', notes: [] }),
  async start(request) {
    if (request.kind !== 'script') throw new Error('not a script');
    const execution = await run(request, [
      process.execPath,
      '-e',
      `const input = ${JSON.stringify(request.input ?? null)};
       Promise.resolve((async () => { ${request.source} })()).then((r) => require('fs').writeSync(2, '\\u0000' + JSON.stringify(r ?? null)));`,
    ]);
    let all = '';
    execution.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      all += chunk;
    });
    const stderr = Readable.from([]);
    const done = execution.done.then(async (result) => {
      if (!execution.stderr.readableEnded)
        await new Promise((resolve) => execution.stderr.once('close', resolve));
      const at = all.indexOf('\u0000');
      return at === -1
        ? { ...result, message: all }
        : { ...result, result: JSON.parse(all.slice(at + 1)) as unknown };
    });
    return { ...execution, stderr, done, cancel: () => execution.cancel() };
  },
};

export const plainExecutors: ExecutorSet = {
  executors: [processExecutor, scriptExecutor],
  sweepLeftovers: async () => undefined,
};
