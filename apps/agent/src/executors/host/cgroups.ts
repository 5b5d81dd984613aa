import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readIfThere } from './host-files.ts';
import { signal } from './process-tree.ts';

/** What one job, or all jobs of this node together, may use. */
export type GroupLimits = {
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly maxProcesses: number;
};

/** The control group of one attempt. */
export type Cgroup = {
  /** A process that writes `0` into each of these is held by the group, with all it starts later. */
  readonly joinFiles: readonly string[];
  pids(): Promise<number[]>;
  /** SIGKILL until nothing is left in it. */
  kill(): Promise<void>;
  events(): Promise<{ readonly oomKills: number; readonly refusedForks: number }>;
  usage(): Promise<{ readonly cpuMs: number; readonly maxMemoryBytes: number }>;
  remove(): Promise<void>;
};

/** Control groups as far as this machine and this user have them. */
export type Cgroups = {
  readonly version: 1 | 2;
  open(attempt: string, limits: GroupLimits): Promise<Cgroup>;
  /** Ends and removes the groups that a killed agent left. */
  sweep(): Promise<void>;
  /** Removes the group of the agent itself when nothing runs in it any more. */
  close(): Promise<void>;
};

/** `otherthing-<id>` below our own group: all jobs of one agent, whatever it is called after. */
export type GroupOwner = { readonly name: string; readonly nodeLimits: GroupLimits | undefined };

/** The period over which a share of a core is counted. */
export const CPU_PERIOD_US = 100_000;
const REMOVE_MS = 2000;

/** cgroup.cpu quotas below a millisecond are refused by the kernel. */
export const quotaUs = (cpuCores: number): number => Math.max(1000, Math.round(cpuCores * CPU_PERIOD_US));

export async function makeGroup(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
}

export async function set(folder: string, file: string, value: string | number): Promise<void> {
  await writeFile(join(folder, file), String(value));
}

/** For knobs that not every kernel has, swap limits above all. */
export async function setIfThere(folder: string, file: string, value: string | number): Promise<void> {
  if ((await readIfThere(join(folder, file))) !== undefined) await set(folder, file, value);
}

export async function pidsIn(folder: string): Promise<number[]> {
  const text = (await readIfThere(join(folder, 'cgroup.procs'))) ?? '';
  return text.split('\n').filter(Boolean).map(Number);
}

/** Fork bombs lose: each round kills all there are, and `pids.max` holds what a round can miss. */
export async function killAll(folder: string): Promise<void> {
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 50)) {
    const pids = (await pidsIn(folder)).filter((pid) => pid > 0);
    if (pids.length === 0) return;
    for (const pid of pids) signal(pid, 'SIGKILL');
    await setTimeout(waitMs);
  }
}

/** A group stays busy for some milliseconds after its last process ended. */
export async function removeGroup(folder: string): Promise<void> {
  const until = Date.now() + REMOVE_MS;
  for (;;) {
    try {
      await rmdir(folder);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || Date.now() > until) throw error;
      await setTimeout(5);
    }
  }
}

/** Another agent process may still use the group: then it stays. */
export async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EBUSY' && code !== 'ENOENT' && code !== 'ENOTEMPTY') throw error;
  }
}

export async function childGroups(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export type CgroupMount = {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  /** Our own group in this hierarchy. */
  readonly own: string;
  readonly top: string;
};

/** Where this process stands in each mounted hierarchy. */
export async function cgroupMounts(): Promise<CgroupMount[]> {
  const [mounts, own] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8'),
    readFile('/proc/self/cgroup', 'utf8'),
  ]);
  return parseCgroupMounts(mounts, own);
}

export function parseCgroupMounts(mountinfo: string, ownGroups: string): CgroupMount[] {
  const own = ownGroups
    .trim()
    .split('\n')
    .map((line) => {
      const [, controllers = '', ...path] = line.split(':');
      return { controllers: controllers.split(','), path: path.join(':') };
    });
  return mountinfo
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [left = '', right = ''] = line.split(' - ');
      const [, , , root = '/', top = ''] = left.split(' ');
      const [type, , options = ''] = right.split(' ');
      if (type !== 'cgroup' && type !== 'cgroup2') return [];
      const version = type === 'cgroup' ? 1 : 2;
      const names = version === 1 ? options.split(',') : [''];
      const mine = own.find(({ controllers }) => controllers.some((name) => names.includes(name)));
      const path = mine?.path ?? '/';
      const below = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
      return [{ version, controllers: names, own: join(top, below), top } as const];
    });
}
