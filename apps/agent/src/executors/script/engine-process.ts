import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { close, open } from 'node:fs';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { Cgroup, GroupLimits } from '../host/cgroups.ts';
import type { Body } from '../host/job-life.ts';
import { plainLauncher, stagingLauncher } from '../host/launcher.ts';
import { allProcesses, signal, treeOf, waitDead } from '../host/process-tree.ts';
import { StatusChannel } from '../host/status-channel.ts';
import { TOOL_ENVIRONMENT } from '../host/tools.ts';
import type { Sandbox } from '../process/sandbox.ts';
import { packArguments } from '../process/sandbox-arguments.ts';
import type { EnginePaths } from './engine-paths.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const MB = 1024 * 1024;

/** What Node itself takes before a script has run a line; a job's own limit comes on top. */
export const ENGINE_BYTES = 192 * MB;
const ENGINE_PROCESSES = 64;
const HEAP_MB = 96;
const CHANNEL = 6;

/** An engine process that waits for its script, in the sandbox where there is one. */
export type EngineProcess = {
  readonly child: ChildProcess;
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly body: Body;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly cgroup: Cgroup | undefined;
  /** Sets what the script that it gets may use. */
  limit(limits: GroupLimits): Promise<void>;
  giveBack(): Promise<void>;
};

export const engineLimits = (limits: { cpuCores: number; memoryBytes: number }): GroupLimits => ({
  cpuCores: limits.cpuCores,
  memoryBytes: limits.memoryBytes + ENGINE_BYTES,
  maxProcesses: ENGINE_PROCESSES,
});

type Start = {
  readonly name: string;
  readonly engine: EnginePaths;
  readonly sandbox: Sandbox | undefined;
  readonly covers: readonly ('ignore' | number)[];
};

export async function startEngine({ name, engine, sandbox, covers }: Start): Promise<EngineProcess> {
  const uid = sandbox?.uids?.take();
  const cgroup = await sandbox?.cgroups?.open(name, engineLimits({ cpuCores: 1, memoryBytes: 0 }));
  const child = sandbox
    ? await spawnSandboxed(sandbox, engine, { cgroup, uid, covers })
    : spawnPlain(engine, covers);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, how) => resolve({ code, signal: how }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const stdio = child.stdio as unknown as readonly (Duplex | null)[];
  const status = sandbox ? new StatusChannel(stdio[4] as Duplex) : undefined;
  exited.then(() => status?.close(), undefined);
  const channel = stdio[CHANNEL] as Duplex;
  channel.on('error', () => undefined);
  return {
    child,
    channel,
    stdout: child.stdout as Readable,
    stderr: child.stderr as Readable,
    body: bodyOf(child, status, cgroup),
    exited,
    cgroup,
    async limit(limits) {
      await sandbox?.cgroups?.open(name, limits);
    },
    async giveBack() {
      await cgroup?.remove();
      if (uid !== undefined) sandbox?.uids?.giveBack(uid);
    },
  };
}

const engineCommand = (engine: EnginePaths, flags: readonly string[]): string[] => [
  ...[process.execPath, `--max-old-space-size=${HEAP_MB}`, '--no-warnings', ...flags],
  ...[engine.entry, engine.wasm],
];

const readable = (engine: EnginePaths): string[] => [
  ...new Set([engine.entry, engine.wasm, ...engine.readOnlyPaths]),
];

/** Node's own permissions hold an engine that was broken out of, as far as they go; they do not hold its network. */
function spawnPlain(engine: EnginePaths, covers: Start['covers']): ChildProcess {
  const allowed = readable(engine).map((path) => `--allow-fs-read=${path}`);
  const [program = '', ...args] = engineCommand(engine, ['--permission', ...allowed]);
  return spawn(program, args, {
    env: {},
    stdio: [
      'ignore',
      'pipe',
      'pipe',
      'ignore',
      'ignore',
      'ignore',
      'pipe',
      ...covers.slice(1),
    ] as StdioOptions,
  });
}

async function spawnSandboxed(
  sandbox: Sandbox,
  engine: EnginePaths,
  parts: { cgroup: Cgroup | undefined; uid: number | undefined; covers: Start['covers'] },
): Promise<ChildProcess> {
  const places = await placesFor(sandbox, engine);
  const chain = {
    joinFiles: parts.cgroup?.joinFiles ?? [],
    uid: parts.uid,
    rlimits: { openFiles: 256 },
    cpus: undefined,
    command: [sandbox.bwrap, '--args', '5', '--', ...engineCommand(engine, [])],
  };
  const binds = places.filter(({ source, from }) => source !== from);
  const launcher = sandbox.uids
    ? stagingLauncher(process.pid, chain, {
        binds: binds.map(({ source, from }) => ({ source, target: from })),
        image: undefined,
        copyOut: undefined,
      })
    : plainLauncher(process.pid, chain);
  const [program = '', ...args] = launcher;
  const seccomp = await openFile(sandbox.runtime.seccomp, 'r');
  const child = spawn(program, args, {
    cwd: '/',
    env: TOOL_ENVIRONMENT,
    detached: true,
    stdio: [
      'ignore',
      'pipe',
      'pipe',
      seccomp,
      'pipe',
      'pipe',
      'pipe',
      ...parts.covers.slice(1),
    ] as StdioOptions,
  });
  await closeFile(seccomp);
  const argumentPipe = (child.stdio as readonly unknown[])[5] as Writable;
  argumentPipe.on('error', () => undefined);
  argumentPipe.end(
    packArguments([
      ...sandbox.commonArgs,
      ...places.flatMap(({ source, from }) => ['--ro-bind', from, source]),
      ...['--dev', '/dev', '--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/'],
    ]),
  );
  return child;
}

type Place = { readonly source: string; readonly from: string };

/** A root agent's files may lie where a job's user cannot look: they are mounted where it can. */
async function placesFor(sandbox: Sandbox, engine: EnginePaths): Promise<Place[]> {
  const sources = [...new Set([process.execPath, ...readable(engine)])].filter(
    (path, _, all) => !path.startsWith('/usr/') && !all.some((each) => path.startsWith(`${each}/`)),
  );
  if (!sandbox.uids) return sources.map((source) => ({ source, from: source }));
  return Promise.all(
    sources.map(async (source, index) => {
      const isFolder = (await stat(source)).isDirectory();
      const from = join(sandbox.runtime.stage, 'engine', `${index}-${isFolder ? 'folder' : 'file'}`);
      await makePlace(from, isFolder);
      return { source, from };
    }),
  );
}

async function makePlace(path: string, isFolder: boolean): Promise<void> {
  await mkdir(isFolder ? path : dirname(path), { recursive: true });
  await chmod(dirname(path), 0o755);
  if (!isFolder) await writeFile(path, '', { flag: 'a' });
}

function bodyOf(child: ChildProcess, status: StatusChannel | undefined, cgroup: Cgroup | undefined): Body {
  return {
    async members() {
      const root = status?.status.childPid;
      if (root === undefined) return status || child.pid === undefined ? [] : [child.pid];
      return treeOf(root, await allProcesses())
        .map(({ pid }) => pid)
        .filter((pid) => pid !== root);
    },
    async kill() {
      const root = status?.status.childPid;
      if (root !== undefined) {
        signal(root, 'SIGKILL');
        await waitDead(root);
      } else if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await cgroup?.kill();
    },
  };
}
