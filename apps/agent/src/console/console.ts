import { AppError } from '@otherthing/protocol/errors';
import { PRODUCT_VERSION } from '@otherthing/protocol/version';
import { type Arguments, parseArguments, USAGE } from './arguments.ts';
import { askCommand } from './ask-agent.ts';
import { type ExecutorFactory, type RunArguments, runAgent } from './run-agent.ts';
import type { Invocation } from './screen.ts';

export type ConsoleDeps = {
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Path of the running program, to tell an npx call from an installed one. */
  readonly program: string;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  readonly stopRequested: Promise<void>;
  readonly executors: ExecutorFactory;
};

/** One call of `otherthing-agent`; returns its exit code. */
export async function runConsole(deps: ConsoleDeps): Promise<number> {
  try {
    const options = parseArguments(deps.argv, deps.environment);
    return await dispatch(options, deps);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.printError(`${error.message}\n  ${error.hint}`);
    return 1;
  }
}

async function dispatch(options: Arguments, deps: ConsoleDeps): Promise<number> {
  if (options.command === 'help') {
    deps.print(USAGE.trimEnd());
    return 0;
  }
  if (options.command === 'version') {
    deps.print(PRODUCT_VERSION);
    return 0;
  }
  const invocation = invocationOf(options, deps);
  const io = { print: deps.print, invocation };
  if (isRun(options))
    return runAgent(options, { ...io, executors: deps.executors, stopRequested: deps.stopRequested });
  return askCommand(options, io);
}

function isRun(options: Arguments): options is RunArguments {
  return options.command === 'join' || options.command === 'run';
}

/** Below npx's cache there is no command of that name: hints repeat the whole line then. */
function invocationOf(
  options: Exclude<Arguments, { command: 'help' | 'version' }>,
  deps: ConsoleDeps,
): Invocation {
  const byNpx = /[\\/]_npx[\\/]/.test(deps.program);
  const url = 'url' in options ? options.url : undefined;
  const command =
    byNpx && url !== undefined
      ? `npx --yes ${url.replace(/\/+$/, '')}/downloads/agent.tgz`
      : 'otherthing-agent';
  const isDefault = !deps.argv.some((argument) => argument.startsWith('--state-dir'));
  return { command, stateDirOption: isDefault ? '' : ` --state-dir ${options.stateDir}` };
}
