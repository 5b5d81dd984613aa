import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { close, open } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex, Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { Execution, ExecutionLimits, ExecutionRequest, ExecutionResult } from '../executor.ts';
import type { Cgroup } from '../host/cgroups.ts';
import { type Body, JobLife, type Watch } from '../host/job-life.ts';
import { type Chain, plainLauncher, stagingLauncher } from '../host/launcher.ts';
import { resultOf } from '../host/outcome.ts';
import { type Fifo, openFifo } from '../host/pipes.ts';
import { allProcesses, signal, treeOf, waitDead } from '../host/process-tree.ts';
import { StatusChannel } from '../host/status-channel.ts';
import { TOOL_ENVIRONMENT } from '../host/tools.ts';
import { allWatches, type Counted, watchCgroup, watchProcesses } from '../host/watchdog.ts';
import {
  type DiskKind,
  fifoPaths,
  imageCommand,
  imagePath,
  imageTemplate,
  measureFolders,
  openWatchedFolders,
  prepareDisk,
  removeDisk,
  watchedFolders,
} from './disk.ts';
import { jobEnvironment } from './request.ts';
import { groupLimits, type Sandbox } from './sandbox.ts';
import { environmentArguments, type JobMounts, jobArguments, packArguments } from './sandbox-arguments.ts';

const openFile = promisify(open);
const closeFile = promisify(close);

/** bubblewrap outside and inside count as processes of the group, the job does not know of them. */
const OWN_PROCESSES = 2;
const START_MS = 30_000;
const INSIDE = { input: '/job/input', output: '/job/output', work: '/job/work', tmp: '/tmp' } as const;

type ProcessRequest = Extract<ExecutionRequest, { kind: 'process' }>;

export type JobLog = { error(details: object, message: string): void };

/** What was made for one attempt and must be given back, whatever happens. */
type Parts = {
  readonly uid: number | undefined;
  readonly cgroup: Cgroup | undefined;
  readonly stdout: Fifo;
  readonly stderr: Fifo;
  readonly stdin: number | undefined;
  readonly seccomp: number;
};

/** Starts a command in the sandbox. */
export async function startSandboxed(
  sandbox: Sandbox,
  request: ProcessRequest,
  log: JobLog,
): Promise<Execution> {
  const startedAt = performance.now();
  const parts = await prepare(sandbox, request);
  let child: ChildProcess;
  try {
    child = await launch(sandbox, request, parts);
  } catch (error) {
    await giveBack(sandbox, request, parts);
    throw error;
  } finally {
    await closeOurEnds(parts);
  }
  const status = new StatusChannel(child.stdio[4] as Duplex);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, name) => resolve({ code, signal: name }));
  });
  exited.then(() => setTimeout(() => status.close(), 1000).unref(), undefined);
  const body = bodyOf(child, status, parts.cgroup);
  const life = new JobLife(body, request.limits.runTimeoutMs, (error) =>
    log.error({ err: error, attempt: request.attempt }, 'a job could not be ended'),
  );
  const counted: Counted = { cpuMs: 0, maxMemoryBytes: 0 };
  const starting = setTimeout(() => life.stop('run_timeout'), START_MS);
  await Promise.race([status.reach((now) => now.childPid !== undefined || now.ended !== undefined), exited]);
  clearTimeout(starting);
  watchLimits(life, { sandbox, request, parts, status, counted });
  const done = finish({ sandbox, request, parts, status, body, life, exited, counted, startedAt, log });
  return {
    pid: child.pid as number,
    stdout: parts.stdout.read,
    stderr: parts.stderr.read,
    done,
    cancel: () => life.stop('cancelled'),
  };
}

async function prepare(sandbox: Sandbox, request: ProcessRequest): Promise<Parts> {
  const { folders, limits, attempt } = request;
  const uid = sandbox.uids?.take();
  let cgroup: Cgroup | undefined;
  try {
    const [opened] = await Promise.all([
      sandbox.cgroups?.open(attempt, groupLimits(limits, { processes: OWN_PROCESSES, memoryBytes: 0 })),
      prepareDisk(folders, limits, sandbox.disk),
      sandbox.disk === 'watched' ? openWatchedFolders(folders, uid) : undefined,
    ]);
    cgroup = opened;
    const fifos = fifoPaths(folders);
    const [stdout, stderr] = await Promise.all([openFifo(fifos.stdout), openFifo(fifos.stderr)]);
    const stdin =
      request.stdin === null ? undefined : await openText(join(folders.root, 'stdin'), request.stdin);
    const seccomp = await openFile(sandbox.runtime.seccomp, 'r');
    return { uid, cgroup, stdout, stderr, stdin, seccomp };
  } catch (error) {
    await giveBack(sandbox, request, { uid, cgroup });
    throw error;
  }
}

/** A file, not a pipe: `/dev/stdin` can then be opened again, and the agent has nothing to feed. */
async function openText(path: string, text: string): Promise<number> {
  await writeFile(path, text, { mode: 0o644 });
  return openFile(path, 'r');
}

async function launch(sandbox: Sandbox, request: ProcessRequest, parts: Parts): Promise<ChildProcess> {
  const { limits, folders } = request;
  const mounts = mountsFor(sandbox, request);
  const chain: Chain = {
    joinFiles: parts.cgroup?.joinFiles ?? [],
    uid: parts.uid,
    rlimits: { fileBytes: limits.diskBytes, openFiles: sandbox.openFiles },
    cpus: sandbox.cgroups ? undefined : sandbox.cpus.slice(0, Math.max(1, Math.ceil(limits.cpuCores))),
    command: [sandbox.bwrap, '--args', '5', '--', ...insideCommand(sandbox, request)],
  };
  const launcher = sandbox.uids
    ? stagingLauncher(process.pid, chain, {
        binds: stagedBinds(sandbox.disk, request, mounts),
        image: sandbox.disk === 'image' ? await imageFor(sandbox, request, parts) : undefined,
        copyOut: sandbox.disk === 'image' ? { from: mounts.output, to: folders.output } : undefined,
      })
    : plainLauncher(process.pid, chain);
  const [program = '', ...args] = launcher;
  const child = spawn(program, args, {
    cwd: '/',
    env: TOOL_ENVIRONMENT,
    detached: true,
    stdio: [
      ...[parts.stdin ?? 'ignore', parts.stdout.write, parts.stderr.write, parts.seccomp, 'pipe', 'pipe'],
      ...sandbox.coverLeaks,
    ] as StdioOptions,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const argumentPipe = (child.stdio as readonly unknown[])[5] as Writable;
  argumentPipe.on('error', () => undefined);
  const environment = jobEnvironment(request, INSIDE);
  argumentPipe.end(
    packArguments([...sandbox.commonArgs, ...jobArguments(mounts), ...environmentArguments(environment)]),
  );
  return child;
}

async function imageFor(sandbox: Sandbox, { folders, limits }: ProcessRequest, { uid = 0 }: Parts) {
  const path = imagePath(folders);
  const template = await imageTemplate(sandbox.runtime.templates, uid);
  return { path, target: join(sandbox.runtime.stage, 'disk'), make: imageCommand(path, limits, template) };
}

/** Without a control group the processes are counted by a limit that is set inside, where only the job's own count. */
function insideCommand(sandbox: Sandbox, { command, limits }: ProcessRequest): readonly string[] {
  if (sandbox.cgroups) return command;
  return ['/usr/bin/prlimit', `--nproc=${limits.maxProcesses}:${limits.maxProcesses}`, '--', ...command];
}

function mountsFor(sandbox: Sandbox, { folders }: ProcessRequest): JobMounts {
  if (!sandbox.uids) return { input: folders.input, ...watchedFolders(folders) };
  const disk = join(sandbox.runtime.stage, 'disk');
  const input = join(sandbox.runtime.stage, 'input');
  const at = (name: string): string =>
    sandbox.disk === 'image' ? join(disk, name) : join(sandbox.runtime.stage, name);
  return { input, output: at('output'), work: at('work'), tmp: at('tmp'), shm: at('shm') };
}

function stagedBinds(disk: DiskKind, { folders }: ProcessRequest, mounts: JobMounts) {
  const input = { source: folders.input, target: mounts.input };
  if (disk === 'image') return [input];
  const sources = watchedFolders(folders);
  const names = ['output', 'work', 'tmp', 'shm'] as const;
  return [input, ...names.map((name) => ({ source: sources[name], target: mounts[name] }))];
}

async function closeOurEnds(parts: Parts): Promise<void> {
  await Promise.all([
    parts.stdout.closeWrite(),
    parts.stderr.closeWrite(),
    closeFile(parts.seccomp),
    ...(parts.stdin === undefined ? [] : [closeFile(parts.stdin)]),
  ]);
}

function bodyOf(child: ChildProcess, status: StatusChannel, cgroup: Cgroup | undefined): Body {
  return {
    async members() {
      const root = status.status.childPid;
      if (root === undefined) return [];
      return treeOf(root, await allProcesses())
        .map(({ pid }) => pid)
        .filter((pid) => pid !== root);
    },
    async kill() {
      const root = status.status.childPid;
      if (root === undefined) {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      } else {
        signal(root, 'SIGKILL');
        await waitDead(root);
      }
      await cgroup?.kill();
    },
  };
}

type Watched = {
  readonly sandbox: Sandbox;
  readonly request: ProcessRequest;
  readonly parts: Parts;
  readonly status: StatusChannel;
  readonly counted: Counted;
};

function watchLimits(life: JobLife, { sandbox, request, parts, status, counted }: Watched): void {
  const { limits, folders } = request;
  const root = status.status.childPid;
  const watches: Watch[] = [];
  if (parts.cgroup) watches.push(watchCgroup(parts.cgroup));
  else if (root !== undefined) {
    // The first process is bubblewrap's own; the limit inside already counts the job's.
    const withOwn: ExecutionLimits = { ...limits, maxProcesses: limits.maxProcesses + OWN_PROCESSES };
    watches.push(watchProcesses(withOwn, (all) => treeOf(root, all), counted));
  }
  if (sandbox.disk === 'watched')
    watches.push(async () => ((await isOverDisk(folders, limits)) ? 'disk_limit' : undefined));
  if (watches.length > 0) life.watch(allWatches(watches));
}

async function isOverDisk(folders: ProcessRequest['folders'], limits: ExecutionLimits): Promise<boolean> {
  const limit = { bytes: limits.diskBytes, inodes: limits.diskInodes };
  const use = await measureFolders(Object.values(watchedFolders(folders)), limit);
  return use.bytes > limit.bytes || use.inodes > limit.inodes;
}

type Finish = Watched & {
  readonly body: Body;
  readonly life: JobLife;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly startedAt: number;
  readonly log: JobLog;
};

async function finish(job: Finish): Promise<ExecutionResult> {
  const { sandbox, request, parts, status, body, life, exited, log } = job;
  let failure: string | undefined;
  try {
    await Promise.race([status.reach(({ ended }) => ended !== undefined), exited]);
    // The command ended, but what it left in the background may live on.
    await body.kill();
    status.go();
    const { code } = await exited;
    life.finish();
    await status.reach(() => false);
    failure = failureOf(status, code, life);
  } catch (error) {
    life.finish();
    log.error({ err: error, attempt: request.attempt }, 'a job could not be brought to its end');
    failure = 'The node lost track of the job.';
  }
  const facts = await factsOf(job, failure);
  await giveBack(sandbox, request, parts).catch((error: unknown) =>
    log.error({ err: error, attempt: request.attempt }, 'what a job used could not be given back'),
  );
  return resultOf(facts, request.limits);
}

function failureOf(status: StatusChannel, code: number | null, life: JobLife): string | undefined {
  const { failed, childPid } = status.status;
  if (failed !== undefined) return `The node failed around the job: ${failed}.`;
  if (childPid === undefined && life.reason !== 'cancelled')
    return `The sandbox could not be started (exit code ${code ?? 'none'}); the error output of the job may say why.`;
  return undefined;
}

async function factsOf(job: Finish, failure: string | undefined) {
  const { parts, status, life, request, counted, startedAt, sandbox } = job;
  const { exitCode, ended, disk, childPid } = status.status;
  const group = parts.cgroup;
  const events = (await group?.events()) ?? { oomKills: 0, refusedForks: 0 };
  const usage = (await group?.usage()) ?? counted;
  const imageFull = disk && (disk.usedBytes >= request.limits.diskBytes || disk.freeInodes === 0);
  const full =
    imageFull ?? (sandbox.disk === 'watched' && (await isOverDisk(request.folders, request.limits)));
  // bubblewrap reports no code when the command could not be executed; a shell would say 127.
  const code = exitCode ?? (ended !== undefined && ended > 128 ? ended : childPid === undefined ? null : 127);
  return {
    ...events,
    stopped: life.reason,
    exitCode: life.reason !== undefined && exitCode === undefined ? null : code,
    signal: null,
    failure,
    diskFull: full,
    usage: { ...usage, wallMs: Math.round(performance.now() - startedAt) },
  };
}

async function giveBack(
  sandbox: Sandbox,
  request: ProcessRequest,
  parts: Pick<Parts, 'uid' | 'cgroup'>,
): Promise<void> {
  await parts.cgroup?.remove();
  await removeDisk(request.folders);
  if (parts.uid !== undefined) sandbox.uids?.giveBack(parts.uid);
}
