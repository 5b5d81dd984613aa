import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Execution, ExecutionRequest } from '../executor.ts';
import type { Cgroup, Cgroups } from '../host/cgroups.ts';
import { type Body, JobLife } from '../host/job-life.ts';
import { resultOf } from '../host/outcome.ts';
import { allProcesses, type ProcessInfo, signal, treeOf } from '../host/process-tree.ts';
import { runTool } from '../host/tools.ts';
import { allWatches, type Counted, watchCgroup, watchProcesses } from '../host/watchdog.ts';
import { measureFolders } from './disk.ts';
import { jobEnvironment } from './request.ts';
import { groupLimits } from './sandbox.ts';
import type { JobLog } from './sandboxed-job.ts';

type ProcessRequest = Extract<ExecutionRequest, { kind: 'process' }>;
type PlainHost = {
  readonly cgroups: Cgroups | undefined;
  readonly covers: readonly ('ignore' | number)[];
};

/** Found in the environment of every process of the job, also of those that left its session. */
const MARK = 'OT_MARK';
const NO_KILLS = { oomKills: 0, refusedForks: 0 };

/** Starts a command as the agent's own user, held apart from nothing: only where the owner allowed that. */
export async function startPlain(host: PlainHost, request: ProcessRequest, log: JobLog): Promise<Execution> {
  const startedAt = performance.now();
  const { limits, folders } = request;
  const mark = randomBytes(16).toString('hex');
  const tmp = join(folders.root, 'tmp');
  await mkdir(tmp, { recursive: true });
  const cgroup = await host.cgroups?.open(
    request.attempt,
    groupLimits(limits, { processes: 0, memoryBytes: 0 }),
  );
  const environment = { ...hostEnvironment(), ...jobEnvironment(request, { ...folders, tmp }), [MARK]: mark };
  const [program = '', ...args] = command(request, cgroup);
  const child = spawn(program, args, {
    cwd: folders.work,
    env: environment,
    detached: process.platform !== 'win32',
    stdio: ['pipe', 'pipe', 'pipe', 'ignore', 'ignore', 'ignore', ...host.covers],
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (error) {
    await cgroup?.remove();
    return neverStarted(error, limits);
  }
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(request.stdin ?? '');
  const select = (all: readonly ProcessInfo[]) => ownProcesses(child, all);
  const body = bodyOf({ child, cgroup, mark, select });
  const life = new JobLife(body, limits.runTimeoutMs, (error) =>
    log.error({ err: error, attempt: request.attempt }, 'a job could not be ended'),
  );
  const counted: Counted = { cpuMs: 0, maxMemoryBytes: 0 };
  const disk = async () => ((await isOverDisk(request)) ? 'disk_limit' : undefined);
  const processes = cgroup ? watchCgroup(cgroup) : watchProcesses(limits, select, counted);
  life.watch(allWatches(process.platform === 'linux' ? [processes, disk] : [disk]));
  const done = (async () => {
    const { code, name } = await exitOf(child);
    await body.kill();
    life.finish();
    const events = (await cgroup?.events()) ?? NO_KILLS;
    const usage = (await cgroup?.usage()) ?? counted;
    await cgroup?.remove();
    const wallMs = Math.round(performance.now() - startedAt);
    const outcome = { stopped: life.reason, exitCode: code, signal: life.reason ? null : name };
    return resultOf({ ...outcome, ...events, diskFull: false, usage: { ...usage, wallMs } }, limits);
  })();
  const { stdout, stderr } = child as { stdout: Readable; stderr: Readable };
  return { pid: child.pid as number, stdout, stderr, done, cancel: () => life.stop('cancelled') };
}

/** An agent's environment may hold secrets of its own; programs need no more than this of it. */
function hostEnvironment(): Record<string, string> {
  const names = ['SystemRoot', 'ComSpec', 'PATHEXT', 'WINDIR', 'TEMP'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function command(request: ProcessRequest, cgroup: Cgroup | undefined): readonly string[] {
  if (process.platform !== 'linux') return request.command;
  const join = (cgroup?.joinFiles ?? []).map((path) => `echo 0 > '${path}' || exit 125; `).join('');
  const fileBlocks = Math.ceil(request.limits.diskBytes / 512);
  const script = `${join}ulimit -c 0; ulimit -f ${fileBlocks}; exec setpriv --pdeathsig KILL -- "$@"`;
  return ['/bin/sh', '-c', script, 'sh', ...request.command];
}

function neverStarted(error: unknown, limits: ProcessRequest['limits']): Execution {
  const failure = `The command could not be started: ${error instanceof Error ? error.message : String(error)}.`;
  const usage = { wallMs: 0, cpuMs: 0, maxMemoryBytes: 0 };
  const facts = { stopped: undefined, exitCode: null, signal: null, diskFull: false };
  const done = Promise.resolve(resultOf({ ...facts, ...NO_KILLS, failure, usage }, limits));
  const nothing = (): Readable => Readable.from([]);
  return { pid: 0, stdout: nothing(), stderr: nothing(), done, cancel: () => undefined };
}

const exitOf = (child: ChildProcess): Promise<{ code: number | null; name: NodeJS.Signals | null }> =>
  new Promise((resolve) => child.once('exit', (code, name) => resolve({ code, name })));

/** `setsid` made the child the leader of a session of its own. */
function ownProcesses(child: ChildProcess, all: readonly ProcessInfo[]): ProcessInfo[] {
  const pid = child.pid as number;
  const tree = new Set(treeOf(pid, all).map((each) => each.pid));
  return all.filter((each) => each.session === pid || each.group === pid || tree.has(each.pid));
}

type BodyParts = {
  readonly child: ChildProcess;
  readonly cgroup: Cgroup | undefined;
  readonly mark: string;
  readonly select: (all: readonly ProcessInfo[]) => ProcessInfo[];
};

function bodyOf({ child, cgroup, mark, select }: BodyParts): Body {
  const alive = async (): Promise<number[]> => {
    if (cgroup) return cgroup.pids();
    const all = (await allProcesses()).filter(({ state }) => state !== 'Z' && state !== 'X');
    return [...new Set([...select(all).map(({ pid }) => pid), ...(await marked(all, mark))])];
  };
  if (process.platform !== 'linux') return groupBody(child);
  return {
    members: alive,
    async kill() {
      await cgroup?.kill();
      for (let pids = await alive(); pids.length > 0; pids = await alive()) {
        for (const pid of pids) signal(pid, 'SIGKILL');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}

async function marked(all: readonly ProcessInfo[], mark: string): Promise<number[]> {
  const found = await Promise.all(
    all.map(async ({ pid }) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      return environment.includes(`${MARK}=${mark}`) ? [pid] : [];
    }),
  );
  return found.flat();
}

/** Systems without /proc: the process group, or Windows' own tree. */
function groupBody(child: ChildProcess): Body {
  const pid = child.pid as number;
  return {
    members: async () => (process.platform === 'win32' ? [] : [-pid]),
    async kill() {
      if (process.platform === 'win32') await runTool(['taskkill', '/PID', String(pid), '/T', '/F']);
      else signal(-pid, 'SIGKILL');
    },
  };
}

async function isOverDisk({ folders, limits }: ProcessRequest): Promise<boolean> {
  const limit = { bytes: limits.diskBytes, inodes: limits.diskInodes };
  const use = await measureFolders([folders.output, folders.work, join(folders.root, 'tmp')], limit);
  return use.bytes > limit.bytes || use.inodes > limit.inodes;
}
