import type { Capabilities, ResourceLimits } from '@otherthing/protocol/agent';
import type { Resources } from '@otherthing/protocol/job-spec';

export type AdmissionOptions = {
  readonly limits: () => ResourceLimits;
  readonly capabilities: () => Capabilities;
  /** Bytes free for jobs on the drive of the state folder, as measured last. */
  readonly freeDiskBytes: () => number;
  /** Bytes of that drive which stay free whatever jobs ask for. */
  readonly keepFreeBytes: number;
};

/** What running jobs were promised. The orchestrator plans with what it knows; this has the last word. */
export type Admission = {
  /** Undefined when the job fits right now, else one sentence that names the limit and the knob. */
  refusal(kind: 'process' | 'script', asked: Resources): string | undefined;
  take(asked: Resources): void;
  giveBack(asked: Resources): void;
  used(): { cpuCores: number; memoryMb: number };
};

/** Fractions of cores are summed as floating point numbers. */
const EPSILON = 1e-6;
const MB = 1024 * 1024;

const round = (value: number): number => Math.round(value * 100) / 100;

export function createAdmission(options: AdmissionOptions): Admission {
  const used = { cpuCores: 0, memoryMb: 0, diskMb: 0 };

  const missingExecutor = (kind: 'process' | 'script'): string | undefined => {
    const executor = options.capabilities().executors.find((entry) => entry.kind === kind);
    if (executor?.available) return undefined;
    return `This node cannot run ${kind} jobs: ${executor?.reason ?? 'it has nothing to run them with.'} ${executor?.hint ?? ''}`.trim();
  };

  const tooLarge = (asked: Resources): string | undefined => {
    const { cpuCores, ramPercent } = options.limits();
    if (used.cpuCores + asked.cpuCores > cpuCores + EPSILON)
      return `The job asks for ${asked.cpuCores} CPU cores; ${round(Math.max(0, cpuCores - used.cpuCores))} of the ${cpuCores} that the owner lends (cpuCores) are free.`;
    const lentMb = Math.floor((options.capabilities().memory.total_mb * ramPercent) / 100);
    if (used.memoryMb + asked.memoryMb > lentMb)
      return `The job asks for ${asked.memoryMb} MiB of memory; ${Math.max(0, lentMb - used.memoryMb)} of the ${lentMb} MiB that the owner lends (ramPercent ${ramPercent}) are free.`;
    const freeMb = Math.floor((options.freeDiskBytes() - options.keepFreeBytes) / MB) - used.diskMb;
    if (asked.diskMb > freeMb)
      return `The job asks for ${asked.diskMb} MiB of disk (diskMb); ${Math.max(0, freeMb)} MiB are free for jobs on this node.`;
    return undefined;
  };

  const add = (asked: Resources, sign: 1 | -1): void => {
    used.cpuCores += sign * asked.cpuCores;
    used.memoryMb += sign * asked.memoryMb;
    used.diskMb += sign * asked.diskMb;
  };

  return {
    refusal: (kind, asked) => missingExecutor(kind) ?? tooLarge(asked),
    take: (asked) => add(asked, 1),
    giveBack: (asked) => add(asked, -1),
    used: () => ({ cpuCores: Math.max(0, used.cpuCores), memoryMb: Math.max(0, used.memoryMb) }),
  };
}
