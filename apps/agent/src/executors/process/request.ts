import { AppError } from '@otherthing/protocol/errors';
import type { ExecutionRequest } from '../executor.ts';

const ATTEMPT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** bubblewrap takes 9000 arguments, each variable is three of them. */
const MAX_VARIABLES = 2000;

const refuse = (message: string): never => {
  throw new AppError('job_spec_invalid', { message });
};

/** Refuses what no sandbox could be built from. The orchestrator checked before; a node believes nobody. */
export function checkRequest(request: ExecutionRequest): void {
  if (!ATTEMPT.test(request.attempt) || request.attempt.includes('..'))
    refuse('The name of the attempt cannot be a file name.');
  const variables = Object.entries({ ...request.environment, ...request.secrets });
  if (variables.length > MAX_VARIABLES)
    refuse(`The job has ${variables.length} environment variables; ${MAX_VARIABLES} are possible.`);
  for (const [name, value] of variables) {
    if (name === '' || /[=\0]/.test(name))
      refuse('A name of an environment variable is empty or has = in it.');
    if (value.includes('\0')) refuse(`The environment variable ${name} has a zero byte in it.`);
  }
  if (request.kind === 'process') {
    if (!request.command[0]) refuse('The job has no command.');
    if (request.command.some((word) => word.includes('\0'))) refuse('The command has a zero byte in it.');
  }
}

/** The variables of a job: defaults, its own, its secrets, and what the platform says last. */
export function jobEnvironment(
  request: ExecutionRequest,
  paths: { readonly input: string; readonly output: string; readonly work: string; readonly tmp: string },
): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
    LANG: 'C.UTF-8',
    HOME: paths.work,
    TMPDIR: paths.tmp,
    USER: 'job',
    ...request.environment,
    ...request.secrets,
    OT_INPUT: paths.input,
    OT_OUTPUT: paths.output,
    OT_ATTEMPT: request.attempt,
    // Programs see the cores and the memory of the whole machine; this is what they may use.
    OT_CPU_CORES: String(request.limits.cpuCores),
    OT_MEMORY_BYTES: String(request.limits.memoryBytes),
  };
}
