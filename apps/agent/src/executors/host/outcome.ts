import type { ExecutionEnd, ExecutionLimits, ExecutionResult } from '../executor.ts';
import type { StopReason } from './job-life.ts';

/** What is known of a job when its last process is dead. */
export type Facts = {
  readonly stopped: StopReason | undefined;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Set when the platform itself failed around the job. */
  readonly failure?: string | undefined;
  readonly oomKills: number;
  readonly refusedForks: number;
  readonly diskFull: boolean;
  readonly usage: ExecutionResult['usage'];
};

const SIGNAL_BASE = 128;
const SIGXFSZ = 25;
const MB = 1024 * 1024;

const inMb = (bytes: number): string => `${Math.round(bytes / MB)} MiB`;
const inSeconds = (ms: number): string => `${ms / 1000} s`;

function endOf(facts: Facts): ExecutionEnd {
  if (facts.failure !== undefined) return 'failed_to_start';
  if (facts.stopped) return facts.stopped;
  const failed = facts.exitCode !== 0;
  if (failed && facts.oomKills > 0) return 'memory_limit';
  if (facts.exitCode === SIGNAL_BASE + SIGXFSZ || facts.signal === 'SIGXFSZ') return 'disk_limit';
  if (failed && facts.diskFull) return 'disk_limit';
  if (failed && facts.refusedForks > 0) return 'process_limit';
  return 'exited';
}

/** Words for the person: what happened, which limit, which knob. */
export function describeEnd(end: ExecutionEnd, limits: ExecutionLimits): string | undefined {
  switch (end) {
    case 'memory_limit':
      return `The job needed more than its ${inMb(limits.memoryBytes)} of memory. Ask for more with resources.memoryMb.`;
    case 'disk_limit':
      return `The job filled its ${inMb(limits.diskBytes)} or ${limits.diskInodes} files of disk. Ask for more with resources.diskMb.`;
    case 'process_limit':
      return `The job wanted more than its ${limits.maxProcesses} processes and threads. Ask for more with resources.processes.`;
    case 'run_timeout':
      return `The job ran longer than ${inSeconds(limits.runTimeoutMs)} and was ended. Allow more with timeouts.runSeconds.`;
    case 'cancelled':
      return 'The job was cancelled.';
    case 'exited':
    case 'failed_to_start':
      return undefined;
  }
}

function exitMessage({ exitCode, signal }: Facts): string | undefined {
  if (signal !== null) return `The job was ended by ${signal}.`;
  if (exitCode === null || exitCode === 0) return undefined;
  if (exitCode === 126 || exitCode === 127)
    return `The job ended with exit code ${exitCode}: its command was not found, or cannot be executed, in the sandbox.`;
  if (exitCode > SIGNAL_BASE && exitCode < SIGNAL_BASE + 65)
    return `The job ended with exit code ${exitCode}: signal ${exitCode - SIGNAL_BASE} ended it.`;
  return `The job ended with exit code ${exitCode}.`;
}

/** The one place that decides how an execution ended. */
export function resultOf(facts: Facts, limits: ExecutionLimits): ExecutionResult {
  const end = endOf(facts);
  const message = facts.failure ?? (end === 'exited' ? exitMessage(facts) : describeEnd(end, limits));
  return {
    end,
    exitCode: end === 'failed_to_start' ? null : facts.exitCode,
    signal: facts.signal,
    usage: facts.usage,
    ...(message === undefined ? {} : { message }),
  };
}
