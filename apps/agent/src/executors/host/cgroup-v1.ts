import { join } from 'node:path';
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

type Controller = 'memory' | 'cpu' | 'pids' | 'cpuacct';
type Folders = Readonly<Record<Controller, string>>;

/** The first three hold a job; cpuacct only counts and may be one hierarchy with cpu. */
const NEEDED: readonly Controller[] = ['memory', 'cpu', 'pids', 'cpuacct'];

/** Version 1: one hierarchy for each controller (or two). Undefined where one is missing or not ours to write. */
export async function openCgroupsV1(
  mounts: readonly CgroupMount[],
  owner: GroupOwner,
): Promise<Cgroups | undefined> {
  const found = NEEDED.map((name) => mounts.find((m) => m.version === 1 && m.controllers.includes(name)));
  if (found.some((mount) => mount === undefined)) return undefined;
  const parents = Object.fromEntries(
    NEEDED.map((name, index) => [name, join(found[index]?.own as string, owner.name)]),
  ) as Folders;
  try {
    await Promise.all(unique(parents).map(makeGroup));
    await setIfThere(parents.memory, 'memory.use_hierarchy', 1).catch(() => undefined);
    if (owner.nodeLimits) await applyLimits(parents, owner.nodeLimits);
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
  return {
    version: 1,
    open: (attempt, limits) => open(below(parents, attempt), limits),
    async close() {
      await Promise.all(unique(parents).map(removeIfEmpty));
    },
    async sweep() {
      for (const parent of unique(parents))
        for (const folder of await childGroups(parent)) {
          await killAll(folder);
          await removeGroup(folder);
        }
    },
  };
}

const unique = (folders: Folders): string[] => [...new Set(Object.values(folders))];

const below = (parents: Folders, name: string): Folders =>
  Object.fromEntries(Object.entries(parents).map(([key, folder]) => [key, join(folder, name)])) as Folders;

export const isRefused = (error: unknown): boolean =>
  ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EBUSY', 'EOPNOTSUPP'].includes(
    (error as NodeJS.ErrnoException).code ?? '',
  );

async function applyLimits(folders: Folders, limits: GroupLimits): Promise<void> {
  const memory = async () => {
    // The limit with swap must never be below the one without: out of the way first.
    await setIfThere(folders.memory, 'memory.memsw.limit_in_bytes', -1);
    await set(folders.memory, 'memory.limit_in_bytes', limits.memoryBytes);
    await setIfThere(folders.memory, 'memory.memsw.limit_in_bytes', limits.memoryBytes);
  };
  const cpu = async () => {
    await set(folders.cpu, 'cpu.cfs_period_us', CPU_PERIOD_US);
    await set(folders.cpu, 'cpu.cfs_quota_us', quotaUs(limits.cpuCores));
  };
  await Promise.all([memory(), cpu(), set(folders.pids, 'pids.max', limits.maxProcesses)]);
}

async function open(folders: Folders, limits: GroupLimits): Promise<Cgroup> {
  await Promise.all(unique(folders).map(makeGroup));
  await applyLimits(folders, limits);
  return {
    joinFiles: unique(folders).map((folder) => join(folder, 'cgroup.procs')),
    pids: () => pidsIn(folders.pids),
    kill: () => killAll(folders.pids),
    async events() {
      const [oom, pids] = await Promise.all([
        readIfThere(join(folders.memory, 'memory.oom_control')),
        readIfThere(join(folders.pids, 'pids.events')),
      ]);
      return { oomKills: valueIn(oom, 'oom_kill'), refusedForks: valueIn(pids, 'max') };
    },
    async usage() {
      const [cpu, memory] = await Promise.all([
        readIfThere(join(folders.cpuacct, 'cpuacct.usage')),
        readIfThere(join(folders.memory, 'memory.max_usage_in_bytes')),
      ]);
      return { cpuMs: Math.round(Number(cpu ?? 0) / 1e6), maxMemoryBytes: Number(memory ?? 0) };
    },
    async remove() {
      await Promise.all(unique(folders).map(removeGroup));
    },
  };
}
