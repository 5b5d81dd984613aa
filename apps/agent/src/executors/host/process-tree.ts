import { readdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { readIfThere } from './host-files.ts';

/** One process as /proc tells of it. */
export type ProcessInfo = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly state: string;
  readonly cpuTicks: number;
  readonly residentPages: number;
};

/** Clock ticks and page sizes do not differ between the Linux systems that Node runs on (x86-64, arm64 with 4 KiB). */
export const TICK_MS = 10;
export const PAGE_BYTES = 4096;

function parse(pid: number, stat: string): ProcessInfo {
  // The name in parentheses may itself have spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const number = (index: number): number => Number(fields[index]);
  return {
    pid,
    state: fields[0] ?? '?',
    parent: number(1),
    group: number(2),
    session: number(3),
    cpuTicks: number(11) + number(12) + number(13) + number(14),
    residentPages: number(21),
  };
}

export async function processInfo(pid: number): Promise<ProcessInfo | undefined> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : parse(pid, stat);
}

/** Everything that runs on this machine now. */
export async function allProcesses(): Promise<ProcessInfo[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => processInfo(Number(pid))));
  return found.filter((each) => each !== undefined);
}

/** The process and its descendants, parents first. */
export function treeOf(root: number, processes: readonly ProcessInfo[]): ProcessInfo[] {
  const children = Map.groupBy(processes, ({ parent }) => parent);
  const tree = processes.filter(({ pid }) => pid === root);
  for (const each of tree) tree.push(...(children.get(each.pid) ?? []));
  return tree;
}

/** Sends a signal; a process that is gone already is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Settles when the process is dead. The first process of a PID namespace dies only after the kernel has ended and
 * reaped all others in it, so this is the end of the whole namespace.
 */
export async function waitDead(pid: number): Promise<void> {
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 50)) {
    const info = await processInfo(pid);
    if (info === undefined || info.state === 'Z' || info.state === 'X') return;
    await setTimeout(waitMs);
  }
}
