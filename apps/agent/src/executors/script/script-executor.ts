import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@otherthing/protocol/errors';
import type { Executor, ExecutorProbe } from '../executor.ts';
import { leakCovers } from '../host/leaks.ts';
import { checkRequest } from '../process/request.ts';
import type { Sandbox } from '../process/sandbox.ts';
import type { JobLog } from '../process/sandboxed-job.ts';
import type { EnginePaths } from './engine-paths.ts';
import { type EngineProcess, startEngine } from './engine-process.ts';
import { runScript } from './script-job.ts';

export type ScriptExecutorOptions = {
  readonly stateDir: string;
  readonly log: JobLog;
  readonly engine: EnginePaths;
  /** Where there is a sandbox, engines run in it. */
  readonly sandbox: () => Promise<Sandbox | undefined>;
};

export type ScriptExecutor = Executor & { close(): Promise<void> };

/** A spare engine that nobody wanted for this long is let go. */
const SPARE_MS = 5 * 60 * 1000;
const MB = 1024 * 1024;

/** Runs JavaScript in QuickJS, in a process of its own that is started ahead of the next script. */
export function createScriptExecutor(options: ScriptExecutorOptions): ScriptExecutor {
  let spare: Promise<EngineProcess> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let number = 0;

  const launch = async (): Promise<EngineProcess> => {
    number += 1;
    const [sandbox, covers] = await Promise.all([options.sandbox(), leakCovers(6)]);
    return startEngine({ name: `script.${process.pid}.${number}`, engine: options.engine, sandbox, covers });
  };
  const drop = async (): Promise<void> => {
    clearTimeout(timer);
    const old = spare;
    spare = undefined;
    const engine = await old?.catch(() => undefined);
    if (!engine) return;
    await engine.body.kill();
    await engine.exited;
    await engine.giveBack();
  };
  const dropLogged = () =>
    void drop().catch((error: unknown) => options.log.error({ err: error }, 'a spare engine stays behind'));
  const warm = (): void => {
    clearTimeout(timer);
    spare ??= launch();
    spare.then(rest, () => undefined);
    timer = setTimeout(dropLogged, SPARE_MS).unref();
  };
  const take = async (): Promise<EngineProcess> => {
    const waiting = spare;
    spare = undefined;
    const engine = await waiting?.catch(() => undefined);
    if (!engine || engine.child.exitCode !== null || engine.child.signalCode !== null) {
      await engine?.giveBack();
      return launch();
    }
    wake(engine);
    return engine;
  };

  const executor: ScriptExecutor = {
    kind: 'script',
    probe: () => tryOut(executor, options),
    async start(request) {
      if (request.kind !== 'script')
        throw new AppError('job_spec_invalid', { message: 'This executor runs scripts, not commands.' });
      checkRequest(request);
      const engine = await take();
      try {
        return await runScript(engine, request, options.log);
      } catch (error) {
        await engine.body.kill();
        await engine.giveBack();
        throw error;
      } finally {
        warm();
      }
    },
    close: drop,
  };
  return executor;
}

/** A waiting engine does not keep the agent's own process alive. */
function rest(engine: EngineProcess): void {
  engine.child.unref();
  for (const stream of engine.child.stdio) (stream as { unref?: () => void } | null)?.unref?.();
}

function wake(engine: EngineProcess): void {
  engine.child.ref();
  for (const stream of engine.child.stdio) (stream as { ref?: () => void } | null)?.ref?.();
}

async function tryOut(executor: Executor, options: ScriptExecutorOptions): Promise<ExecutorProbe> {
  await mkdir(options.stateDir, { recursive: true });
  const root = await mkdtemp(join(options.stateDir, 'probe-'));
  try {
    const folders = {
      root,
      input: join(root, 'input'),
      output: join(root, 'output'),
      work: join(root, 'work'),
    };
    for (const path of [folders.input, folders.output, folders.work]) await mkdir(path);
    const execution = await executor.start({
      ...{ kind: 'script', attempt: `probe-script.${process.pid}`, folders, environment: {}, secrets: {} },
      ...{ stdin: null, source: 'return input + 1;', input: 1 },
      limits: {
        ...{ cpuCores: 1, memoryBytes: 32 * MB, maxProcesses: 1, diskBytes: MB, diskInodes: 16 },
        runTimeoutMs: 20_000,
      },
    });
    execution.stdout.resume();
    execution.stderr.resume();
    const result = await execution.done;
    if (result.result === 2) return { available: true, isolation: 'script', notes: [await noteOn(options)] };
    return {
      available: false,
      reason: `A first script failed: ${result.message ?? 'no reason'}`,
      hint: 'Look at the log of the agent.',
    };
  } catch (error) {
    options.log.error({ err: error }, 'the script engine could not be tried out');
    return {
      available: false,
      reason: `The script engine could not be started: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'Look at the log of the agent.',
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const noteOn = async ({ sandbox }: ScriptExecutorOptions): Promise<string> =>
  (await sandbox())
    ? 'Scripts run in QuickJS, in a process of their own inside the sandbox.'
    : 'Scripts run in QuickJS, in a process of their own.';
