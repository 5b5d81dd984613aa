import type { JobFailure } from '@otherthing/protocol/job-spec';
import type { ExecutionEnd, ExecutionResult } from '../executors/executor.ts';

const MAX_TEXT = 2000;

const shorten = (text: string): string =>
  text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;

/** Who is to blame for an end, and in which words when the executor has none of its own. */
const BY_END: Record<Exclude<ExecutionEnd, 'exited' | 'cancelled'>, JobFailure> = {
  run_timeout: {
    cause: 'limit',
    code: 'run_timeout',
    message: 'The job ran longer than it may.',
    hint: 'Raise timeouts.runSeconds of the job, or give it less to do.',
  },
  memory_limit: {
    cause: 'limit',
    code: 'memory_limit',
    message: 'The job used more memory than it asked for.',
    hint: 'Raise resources.memoryMb of the job.',
  },
  disk_limit: {
    cause: 'limit',
    code: 'disk_limit',
    message: 'The job wrote more than it asked for.',
    hint: 'Raise resources.diskMb of the job.',
  },
  process_limit: {
    cause: 'limit',
    code: 'process_limit',
    message: 'The job started more processes than it asked for.',
    hint: 'Raise resources.processes of the job.',
  },
  failed_to_start: {
    cause: 'platform',
    code: 'failed_to_start',
    message: 'The node could not start the job.',
    hint: 'Look at the log of the agent on that node.',
  },
};

/** What a person is told of an execution that did not end well; undefined for a clean exit. */
export function failureOf(result: ExecutionResult): JobFailure | undefined {
  if (result.end === 'exited') return exitFailure(result);
  if (result.end === 'cancelled') return undefined;
  const known = BY_END[result.end];
  return result.message === undefined ? known : { ...known, message: shorten(result.message) };
}

function exitFailure(result: ExecutionResult): JobFailure | undefined {
  if (result.signal !== null)
    return {
      cause: 'job',
      code: 'signal',
      message: shorten(result.message ?? `The job was ended by the signal ${result.signal}.`),
    };
  if (result.exitCode === 0) return undefined;
  return {
    cause: 'job',
    code: 'exit_code',
    message: shorten(result.message ?? `The job ended with exit code ${result.exitCode}.`),
    hint: 'Its output says more.',
  };
}

/** A failure that happened before or around the execution. */
export function nodeFailure(failure: JobFailure): JobFailure {
  return {
    ...failure,
    message: shorten(failure.message),
    ...(failure.hint === undefined ? {} : { hint: shorten(failure.hint) }),
  };
}
