import { basename, dirname, join } from 'node:path';
import { isRefused } from './cgroup-v1.ts';
import {
  type Cgroup,
  type CgroupMount,
  type Cgroups,
  CPU_PERIOD_US,
  childGroups,
  type GroupLimits,
  type GroupOwner,
  killAll,
  makeGroup,
  pidsIn,
  quotaUs,
  removeGroup,
  removeIfEmpty,
  set,
  setIfThere,
} from './cgroups.ts';
import { readIfThere, valueIn } from './host-files.ts';
import { allProcesses, treeOf } from './process-tree.ts';

const NEEDED = ['memory', 'cpu', 'pids'];
/** The leaf that the agent itself moves to: a group with processes cannot hand controllers on. */
const OWN_LEAF = 'otherthing-agent';

/** Version 2, the unified hierarchy. Undefined where a controller is missing or was not delegated to us. */
export async function openCgroupsV2(
  mounts: readonly CgroupMount[],
  owner: GroupOwner,
): Promise<Cgroups | undefined> {
  const mount = mounts.find(({ version }) => version === 2);
  if (!mount) return undefined;
  const own = basename(mount.own) === OWN_LEAF ? dirname(mount.own) : mount.own;
  for (const base of new Set([own, mount.top])) {
    const parent = join(base, owner.name);
    try {
      if (!(await handOn(base))) continue;
      await makeGroup(parent);
      await enable(parent);
      if (owner.nodeLimits) await applyLimits(parent, owner.nodeLimits);
      return cgroupsBelow(parent);
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
  }
  return undefined;
}

const words = (text: string | undefined): string[] => (text ?? '').trim().split(/\s+/);

async function enable(folder: string): Promise<void> {
  await set(folder, 'cgroup.subtree_control', NEEDED.map((name) => `+${name}`).join(' '));
}

/** Makes the three controllers usable below `folder`; false where they are not there or other processes are in the way. */
async function handOn(folder: string): Promise<boolean> {
  const here = words(await readIfThere(join(folder, 'cgroup.controllers')));
  if (!NEEDED.every((name) => here.includes(name))) return false;
  const given = words(await readIfThere(join(folder, 'cgroup.subtree_control')));
  if (NEEDED.every((name) => given.includes(name))) return true;
  const inside = await pidsIn(folder);
  if (inside.length > 0 && (await readIfThere(join(folder, 'cgroup.type'))) !== undefined) {
    // Shells and services of other people stay where they are: only a group of our own is rearranged.
    const mine = new Set(treeOf(process.pid, await allProcesses()).map(({ pid }) => pid));
    if (!inside.every((pid) => mine.has(pid))) return false;
    await makeGroup(join(folder, OWN_LEAF));
    for (const pid of inside) await set(join(folder, OWN_LEAF), 'cgroup.procs', pid);
  }
  await enable(folder);
  return true;
}

async function applyLimits(folder: string, limits: GroupLimits): Promise<void> {
  await Promise.all([
    set(folder, 'memory.max', limits.memoryBytes),
    setIfThere(folder, 'memory.swap.max', 0),
    set(folder, 'cpu.max', `${quotaUs(limits.cpuCores)} ${CPU_PERIOD_US}`),
    set(folder, 'pids.max', limits.maxProcesses),
  ]);
}

/** Exported for tests on a folder that looks like a group: this machine may have no version 2. */
export function cgroupsBelow(parent: string): Cgroups {
  return {
    version: 2,
    open: (attempt, limits) => open(join(parent, attempt), limits),
    close: () => removeIfEmpty(parent),
    async sweep() {
      for (const folder of await childGroups(parent)) {
        await setIfThere(folder, 'cgroup.kill', 1);
        await killAll(folder);
        await removeGroup(folder);
      }
    },
  };
}

async function open(folder: string, limits: GroupLimits): Promise<Cgroup> {
  await makeGroup(folder);
  await applyLimits(folder, limits);
  await setIfThere(folder, 'memory.oom.group', 1);
  const read = (file: string) => readIfThere(join(folder, file));
  return {
    joinFiles: [join(folder, 'cgroup.procs')],
    pids: () => pidsIn(folder),
    async kill() {
      await setIfThere(folder, 'cgroup.kill', 1);
      await killAll(folder);
    },
    async events() {
      const [memory, pids] = await Promise.all([read('memory.events'), read('pids.events')]);
      return { oomKills: valueIn(memory, 'oom_kill'), refusedForks: valueIn(pids, 'max') };
    },
    async usage() {
      const [cpu, peak] = await Promise.all([read('cpu.stat'), read('memory.peak')]);
      return {
        cpuMs: Math.round(valueIn(cpu, 'usage_usec') / 1000),
        maxMemoryBytes: Number(peak ?? 0),
      };
    },
    remove: () => removeGroup(folder),
  };
}
