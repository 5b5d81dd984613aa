import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cgroups, GroupLimits } from '../host/cgroups.ts';
import type { JobUids } from '../host/job-uids.ts';
import { leakCovers } from '../host/leaks.ts';
import { findTool, runTool } from '../host/tools.ts';
import { filterArch } from '../seccomp/filter.ts';
import type { DiskKind } from './disk.ts';
import { type RuntimeFiles, writeRuntimeFiles } from './runtime-files.ts';
import { commonArguments } from './sandbox-arguments.ts';

/** Everything this machine can do for a sandboxed job, found out once. */
export type Sandbox = {
  readonly bwrap: string;
  readonly commonArgs: readonly string[];
  readonly runtime: RuntimeFiles;
  /** Present for a root agent: jobs then run as users of their own. */
  readonly uids: JobUids | undefined;
  readonly cgroups: Cgroups | undefined;
  readonly disk: DiskKind;
  readonly openFiles: number;
  /** `stdio` from descriptor 6 on. */
  readonly coverLeaks: readonly ('ignore' | number)[];
  readonly cpus: readonly number[];
  readonly notes: readonly string[];
};

export type NoSandbox = { readonly reason: string; readonly hint: string };

export type SandboxDeps = {
  readonly stateDir: string;
  readonly extraReadOnlyPaths: readonly string[];
  readonly cgroups: Cgroups | undefined;
  readonly uids: JobUids | undefined;
  /** For tests of the fallback on a machine that could do better. */
  readonly disk?: DiskKind | undefined;
};

const TOOLS = ['sh', 'setpriv', 'prlimit', 'taskset', 'mkfifo', 'truncate', 'install', 'cp', 'stat'];
const ROOT_TOOLS = ['unshare', 'mount'];
const MAX_OPEN_FILES = 8192;
const FIRST_UNUSED_FD = 6;

export const isSandbox = (found: Sandbox | NoSandbox): found is Sandbox => 'bwrap' in found;

/** Looks for what a sandbox needs; whether it really works, the executor's probe tries. */
export async function openSandbox(deps: SandboxDeps): Promise<Sandbox | NoSandbox> {
  if (process.platform !== 'linux')
    return {
      reason: 'Commands can be sandboxed on Linux only.',
      hint: 'Scripts run here. For commands use a Linux machine.',
    };
  if (!filterArch(process.arch))
    return {
      reason: `There is no system call filter for processors of the kind ${process.arch}.`,
      hint: 'Sandboxes work on x86-64 and arm64. Scripts run here.',
    };
  const bwrap = await findTool('bwrap');
  if (!bwrap) return { reason: 'The program bubblewrap is not installed.', hint: await installHint() };
  const missing: string[] = [];
  for (const tool of deps.uids ? [...TOOLS, ...ROOT_TOOLS] : TOOLS)
    if (!(await findTool(tool))) missing.push(tool);
  if (missing.length > 0)
    return {
      reason: `These programs are missing: ${missing.join(', ')}.`,
      hint: 'Install util-linux, mount and coreutils.',
    };
  return assemble(bwrap, deps);
}

async function assemble(bwrap: string, deps: SandboxDeps): Promise<Sandbox | NoSandbox> {
  const folder = deps.uids ? '/run/otherthing' : join(deps.stateDir, 'sandbox');
  const runtime = await writeRuntimeFiles(folder, { fixAffinity: deps.cgroups === undefined });
  const userns = await tryNamespaces(bwrap, deps.uids);
  if ('reason' in userns) return userns;
  const commonArgs = await commonArguments({
    disableUserns: userns.disableUserns,
    unshareCgroup: userns.unshareCgroup,
    runtime,
    extraReadOnlyPaths: deps.extraReadOnlyPaths,
  });
  const disk = deps.disk ?? (deps.uids && (await canMountImages()) ? 'image' : 'watched');
  const openFiles = Math.min(MAX_OPEN_FILES, await hardOpenFiles());
  const notes = notesOf(deps, { disk, disableUserns: userns.disableUserns });
  const { cgroups, uids } = deps;
  const [cpus, coverLeaks] = await Promise.all([ownCpus(), leakCovers(FIRST_UNUSED_FD)]);
  return { bwrap, commonArgs, runtime, uids, cgroups, disk, openFiles, coverLeaks, cpus, notes };
}

function notesOf(deps: SandboxDeps, found: { disk: DiskKind; disableUserns: boolean }): string[] {
  return [
    deps.cgroups
      ? `CPU, memory and processes are held by control groups (version ${deps.cgroups.version}).`
      : 'No control groups here: memory and processes are watched, a job that passes a limit is ended; CPU is held by whole cores.',
    found.disk === 'image'
      ? 'Disk is held by a file system of its own for each job.'
      : 'Disk is watched: a job that passes its limit is ended.',
    ...(found.disableUserns ? [] : ['Nested namespaces are refused by the system call filter alone.']),
    ...(deps.uids ? ['Each job has a user of its own.'] : ["Jobs run under the agent's user."]),
  ];
}

type Namespaces = { readonly disableUserns: boolean; readonly unshareCgroup: boolean };

/** `--disable-userns` is missing before bubblewrap 0.8 and fails on some kernels: then the filter alone must do. */
async function tryNamespaces(bwrap: string, uids: JobUids | undefined): Promise<Namespaces | NoSandbox> {
  const attempts: readonly Namespaces[] = [
    { disableUserns: true, unshareCgroup: true },
    { disableUserns: false, unshareCgroup: true },
    { disableUserns: false, unshareCgroup: false },
  ];
  let complaint = '';
  for (const each of attempts) {
    const { code, stderr } = await runTool([...asJobUser(uids), bwrap, ...namespaceArguments(each), 'true']);
    if (code === 0) return each;
    complaint = stderr;
  }
  return {
    reason: `bubblewrap cannot make a sandbox here: ${complaint || 'it gave no reason'}.`,
    hint: await namespaceHint(),
  };
}

function asJobUser(uids: JobUids | undefined): string[] {
  if (!uids) return [];
  const uid = uids.take();
  uids.giveBack(uid);
  return ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
}

const namespaceArguments = ({ disableUserns, unshareCgroup }: Namespaces): string[] => [
  ...['--unshare-user', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts'],
  ...(unshareCgroup ? ['--unshare-cgroup'] : []),
  ...(disableUserns ? ['--disable-userns'] : []),
  ...['--ro-bind', '/', '/', '--proc', '/proc'],
];

async function installHint(): Promise<string> {
  if (await findTool('apt-get')) return 'Run: apt-get install bubblewrap (as root), then restart the agent.';
  if (await findTool('dnf')) return 'Run: dnf install bubblewrap (as root), then restart the agent.';
  if (await findTool('pacman')) return 'Run: pacman -S bubblewrap (as root), then restart the agent.';
  return 'Install the package bubblewrap, then restart the agent.';
}

async function namespaceHint(): Promise<string> {
  const read = async (path: string): Promise<string | undefined> =>
    readFile(path, 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    );
  if ((await read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns')) === '1')
    return 'AppArmor keeps user namespaces from bubblewrap (Ubuntu 23.10 and later). Run: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or give /usr/bin/bwrap a profile that allows userns.';
  if ((await read('/proc/sys/kernel/unprivileged_userns_clone')) === '0')
    return 'User namespaces are switched off. Run: sysctl -w kernel.unprivileged_userns_clone=1';
  if ((await read('/proc/sys/user/max_user_namespaces')) === '0')
    return 'User namespaces are switched off. Run: sysctl -w user.max_user_namespaces=15000';
  return 'Inside a container, start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined, or run the agent on the machine itself.';
}

/** A loop device and ext4 are there for most root agents, but not inside most containers. */
async function canMountImages(): Promise<boolean> {
  if (!(await findTool('mkfs.ext4'))) return false;
  const script =
    'd=$(mktemp -d) && mount -n -t tmpfs none $d && truncate -s 4M $d/i && mkfs.ext4 -q -F -O ^has_journal $d/i && mkdir $d/m && mount -n -o loop $d/i $d/m; code=$?; umount $d/m 2>/dev/null; umount $d; rmdir $d; exit $code';
  const { code } = await runTool(['unshare', '--mount', '/bin/sh', '-c', script]);
  return code === 0;
}

async function hardOpenFiles(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return hard === undefined || hard === 'unlimited' ? MAX_OPEN_FILES : Number(hard);
}

async function ownCpus(): Promise<number[]> {
  const status = await readFile('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s+(\S+)/m.exec(status)?.[1] ?? '0';
  return list.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

export const groupLimits = (
  limits: { readonly cpuCores: number; readonly memoryBytes: number; readonly maxProcesses: number },
  own: { readonly processes: number; readonly memoryBytes: number },
): GroupLimits => ({
  cpuCores: limits.cpuCores,
  memoryBytes: limits.memoryBytes + own.memoryBytes,
  maxProcesses: limits.maxProcesses + own.processes,
});
