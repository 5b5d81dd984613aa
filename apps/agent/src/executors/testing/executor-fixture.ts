import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Execution, ExecutionLimits, ExecutionRequest, ExecutionResult } from '../executor.ts';
import { createExecutors, type Executors, type ExecutorsOptions } from '../index.ts';

const MB = 1024 * 1024;

export const LIMITS: ExecutionLimits = {
  cpuCores: 1,
  memoryBytes: 128 * MB,
  maxProcesses: 32,
  diskBytes: 16 * MB,
  diskInodes: 512,
  runTimeoutMs: 30_000,
};

export type JobOptions = Partial<
  Pick<ExecutionRequest, 'environment' | 'secrets' | 'stdin'> & {
    limits: Partial<ExecutionLimits>;
    input: unknown;
    files: Readonly<Record<string, string | Buffer>>;
  }
>;

export type Ended = ExecutionResult & {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly root: string;
};

/** Real executors in a private folder that only the agent's user can enter, as in a home directory. */
export type ExecutorFixture = {
  readonly executors: Executors;
  readonly stateDir: string;
  /** A started command whose output nobody reads yet. */
  start(command: readonly string[], options?: JobOptions): Promise<Execution & { root: string }>;
  run(command: readonly string[], options?: JobOptions): Promise<Ended>;
  sh(script: string, options?: JobOptions): Promise<Ended>;
  perl(program: string, options?: JobOptions): Promise<Ended>;
  script(source: string, options?: JobOptions): Promise<Ended>;
  startScript(source: string, options?: JobOptions): Promise<Execution & { root: string }>;
  artifact(ended: { root: string }, name: string): Promise<Buffer>;
  close(): Promise<void>;
};

const failures: unknown[] = [];

export async function executorFixture(
  options: Partial<Omit<ExecutorsOptions, 'logger'>> = {},
): Promise<ExecutorFixture> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'ot-exec-')));
  const logger = { error: (details: object) => void failures.push(details) };
  const executors = await createExecutors({ ...options, stateDir, logger });
  let number = 0;
  const prepare = async (more: JobOptions) => {
    number += 1;
    const attempt = `job${number}.1`;
    const root = join(stateDir, attempt);
    const folders = {
      root,
      input: join(root, 'input'),
      output: join(root, 'output'),
      work: join(root, 'work'),
    };
    for (const path of Object.values(folders)) await mkdir(path, { recursive: true });
    for (const [name, text] of Object.entries(more.files ?? {}))
      await writeFile(join(folders.input, name), text);
    const { environment = {}, secrets = {}, stdin = null } = more;
    const limits = { ...LIMITS, ...more.limits };
    return { attempt, folders, environment, secrets, stdin, limits };
  };
  const [commands, scripts] = executors.executors;
  if (!commands || !scripts) throw new Error('there are two executors');
  const start: ExecutorFixture['start'] = async (command, more = {}) => {
    const common = await prepare(more);
    const execution = await commands.start({ ...common, kind: 'process', command });
    return { ...execution, cancel: () => execution.cancel(), root: common.folders.root };
  };
  const startScript: ExecutorFixture['startScript'] = async (source, more = {}) => {
    const common = await prepare(more);
    const input = more.input ?? null;
    const execution = await scripts.start({ ...common, kind: 'script', source, input });
    return { ...execution, cancel: () => execution.cancel(), root: common.folders.root };
  };
  const fixture: ExecutorFixture = {
    executors,
    stateDir,
    start,
    startScript,
    run: async (command, more) => toEnd(await start(command, more)),
    sh: (script, more) => fixture.run(['/bin/sh', '-c', script], more),
    perl: (program, more) => fixture.run(['/usr/bin/perl', '-e', program], more),
    script: async (source, more) => toEnd(await startScript(source, more)),
    artifact: ({ root }, name) => readFile(join(root, 'output', name)),
    async close() {
      await executors.sweepLeftovers();
      await executors.close();
      await rm(stateDir, { recursive: true, force: true });
      const first = failures.splice(0)[0];
      if (first) throw new Error('an executor logged an error', { cause: first });
    },
  };
  return fixture;
}

/** Reads both streams and waits for the end of the job. */
export async function toEnd(execution: Execution & { root: string }): Promise<Ended> {
  const [stdout, stderr, result] = await Promise.all([
    readAll(execution.stdout),
    readAll(execution.stderr),
    execution.done,
  ]);
  return {
    ...result,
    stdout: stdout,
    stderr: stderr.toString(),
    root: execution.root,
  };
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
