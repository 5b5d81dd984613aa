import type { ExecutionLimits } from '../executor.ts';
import type { Cgroup } from './cgroups.ts';
import type { Watch } from './job-life.ts';
import { allProcesses, PAGE_BYTES, type ProcessInfo, TICK_MS } from './process-tree.ts';

/** What the watchdog counted; the only record of usage where there is no control group. */
export type Counted = { cpuMs: number; maxMemoryBytes: number };

/** One OOM kill ends the whole job: on version 1 the kernel would go on killing one process after the other. */
export const watchCgroup =
  (cgroup: Cgroup): Watch =>
  async () =>
    (await cgroup.events()).oomKills > 0 ? 'memory_limit' : undefined;

/**
 * Stands in for a control group: resident memory and processes of the job are counted some times a second. A job can
 * pass its limits between two looks; it is ended then, not held.
 */
export function watchProcesses(
  limits: ExecutionLimits,
  select: (all: readonly ProcessInfo[]) => readonly ProcessInfo[],
  counted: Counted,
): Watch {
  return async () => {
    const mine = select(await allProcesses());
    const memory = mine.reduce((sum, each) => sum + each.residentPages * PAGE_BYTES, 0);
    const cpuMs = mine.reduce((sum, each) => sum + each.cpuTicks * TICK_MS, 0);
    counted.maxMemoryBytes = Math.max(counted.maxMemoryBytes, memory);
    counted.cpuMs = Math.max(counted.cpuMs, cpuMs);
    if (memory > limits.memoryBytes) return 'memory_limit';
    return mine.length > limits.maxProcesses ? 'process_limit' : undefined;
  };
}

/** The first reason that one of them finds. */
export function allWatches(watches: readonly Watch[]): Watch {
  return async () => {
    for (const watch of watches) {
      const reason = await watch();
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
}
