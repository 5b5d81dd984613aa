import type { Execution, ExecutionRequest, ExecutionResult } from '../executor.ts';
import { JobLife } from '../host/job-life.ts';
import { describeEnd, resultOf } from '../host/outcome.ts';
import { treeOf } from '../host/process-tree.ts';
import { type Counted, watchCgroup, watchProcesses } from '../host/watchdog.ts';
import type { JobLog } from '../process/sandboxed-job.ts';
import { ENGINE_BYTES, type EngineProcess, engineLimits } from './engine-process.ts';
import { type Frame, FrameReader, packFrame } from './frames.ts';
import { createJobFiles } from './job-files.ts';

type ScriptRequest = Extract<ExecutionRequest, { kind: 'script' }>;
/** The engine stops itself at the deadline; an engine that does not is ended this much later. */
const LATE_MS = 1000;
const MIN_BODY_BYTES = 4 * 1024 * 1024;

type Told = { result?: unknown; kind?: string; message?: string; usage?: Counted };

/** Gives a waiting engine its script and sees it through. */
export async function runScript(
  engine: EngineProcess,
  request: ScriptRequest,
  log: JobLog,
): Promise<Execution> {
  const startedAt = performance.now();
  const { limits } = request;
  const told: Told = {};
  const life = new JobLife(engine.body, limits.runTimeoutMs + LATE_MS, (error) =>
    log.error({ err: error, attempt: request.attempt }, 'a script could not be ended'),
  );
  const counted: Counted = { cpuMs: 0, maxMemoryBytes: 0 };
  await engine.limit(engineLimits(limits));
  if (engine.cgroup) life.watch(watchCgroup(engine.cgroup));
  else if (process.platform === 'linux') {
    const withEngine = { ...limits, memoryBytes: limits.memoryBytes + ENGINE_BYTES, maxProcesses: 1024 };
    life.watch(watchProcesses(withEngine, (all) => treeOf(engine.child.pid ?? -1, all), counted));
  }
  serve(engine, request, { told, life });
  engine.channel.write(packFrame({ op: 'start' }, Buffer.from(JSON.stringify(startOf(request)))));
  return {
    pid: engine.child.pid ?? 0,
    stdout: engine.stdout,
    stderr: engine.stderr,
    done: finish({ engine, request, told, life, counted, startedAt, log }),
    cancel: () => life.stop('cancelled'),
  };
}

const startOf = (request: ScriptRequest) => ({
  source: request.source,
  input: JSON.stringify(request.input ?? null),
  environment: { ...request.environment, ...request.secrets },
  memoryBytes: request.limits.memoryBytes,
  timeoutMs: request.limits.runTimeoutMs,
});

/** Answers the engine one question at a time; it may be hostile, so whatever is out of order ends it. */
function serve(engine: EngineProcess, request: ScriptRequest, job: { told: Told; life: JobLife }): void {
  const { channel } = engine;
  const files = createJobFiles(request);
  const reader = new FrameReader(() => Math.max(MIN_BODY_BYTES, request.limits.memoryBytes * 2));
  const answer = async (frame: Frame): Promise<void> => {
    if (take(frame, job.told)) return;
    const { op, name } = frame.head;
    const reply = await files.answer(String(op), String(name), frame.body);
    if ('error' in reply) channel.write(packFrame({ error: reply.error }));
    else channel.write(packFrame({}, reply.body));
  };
  let queue = Promise.resolve();
  channel.on('data', (chunk: Buffer) => {
    try {
      for (const frame of reader.push(chunk)) queue = queue.then(() => answer(frame));
      queue = queue.catch(() => engine.body.kill());
    } catch {
      // A frame that is none: this is not our engine any more.
      job.told.message = 'The engine of the script broke.';
      queue = queue.then(() => engine.body.kill());
    }
  });
}

/** True for the last words of an engine. */
function take({ head, body }: Frame, told: Told): boolean {
  if (head.op === 'ready') return true;
  if (head.op !== 'result' && head.op !== 'failed') return false;
  const usage = head.usage as Partial<Counted> | undefined;
  told.usage = { cpuMs: Number(usage?.cpuMs ?? 0), maxMemoryBytes: Number(usage?.maxMemoryBytes ?? 0) };
  if (head.op === 'result') told.result = JSON.parse(body.toString('utf8')) as unknown;
  else {
    told.kind = String(head.kind);
    told.message = String(head.message);
  }
  return true;
}

type Finish = {
  readonly engine: EngineProcess;
  readonly request: ScriptRequest;
  readonly told: Told;
  readonly life: JobLife;
  readonly counted: Counted;
  readonly startedAt: number;
  readonly log: JobLog;
};

async function finish(job: Finish): Promise<ExecutionResult> {
  const { engine, request, told, life, counted, startedAt, log } = job;
  const closed = new Promise<void>((resolve) => engine.channel.once('close', resolve));
  const exit = await engine.exited;
  await engine.body.kill();
  life.finish();
  // Its last words may still be on their way through the channel.
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 1000))]);
  const events = (await engine.cgroup?.events()) ?? { oomKills: 0, refusedForks: 0 };
  const usage = (await engine.cgroup?.usage()) ?? told.usage ?? counted;
  await engine
    .giveBack()
    .catch((error: unknown) =>
      log.error({ err: error, attempt: request.attempt }, 'what a script used could not be given back'),
    );
  const wallMs = Math.round(performance.now() - startedAt);
  const facts = { stopped: life.reason, exitCode: exit.code, signal: exit.signal, diskFull: false };
  const base = resultOf({ ...facts, ...events, usage: { ...usage, wallMs } }, request.limits);
  if (base.end !== 'exited') return { ...base, signal: null };
  if (told.kind === 'timeout') return named(base, 'run_timeout', request);
  if (told.kind === 'memory') return named(base, 'memory_limit', request);
  if (told.kind === 'error' && told.message?.includes('(resources.diskMb)'))
    return named(base, 'disk_limit', request);
  if (told.message !== undefined) return { ...base, exitCode: exit.code || 1, message: told.message };
  if (!('result' in told))
    return {
      ...base,
      end: 'failed_to_start',
      exitCode: null,
      message: 'The engine of the script ended without a word.',
    };
  const { message: _, ...clean } = base;
  return { ...clean, exitCode: 0, result: told.result };
}

function named(
  base: ExecutionResult,
  end: 'run_timeout' | 'memory_limit' | 'disk_limit',
  request: ScriptRequest,
) {
  const message = describeEnd(end, request.limits);
  return { ...base, end, exitCode: 1, ...(message === undefined ? {} : { message }) };
}
