import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '@otherthing/protocol/errors';
import { LabelKey, LabelValue, NodeName } from '@otherthing/protocol/names';
import type { LogLevel } from '@otherthing/runtime';
import type { OwnerSettings } from '../limits/index.ts';

export const USAGE = `Usage: otherthing-agent COMMAND

  join [--token TOKEN | --token-file FILE] URL   lend this machine and stay connected
  run [URL]                                      connect again (after join)
  status [--json]                                what the running agent does
  approve CLAIM | --all                          let a workspace use this machine
  reject CLAIM | --all                           refuse it
  rotate-key                                     show a new share key
  leave [--workspace ID]                         take this machine back

Without a token, join shows a share key: whoever types it into a workspace asks for
this machine, and you accept here.

Options of join and run
  --name NAME               name of this node (default: the host name)
  --label KEY=VALUE         label, may be repeated
  --cpu-cores N             CPU cores to lend (default: all)
  --ram-percent N           share of the memory to lend (default: 80)
  --read-only-path PATH     let process jobs read this path, may be repeated
  --allow-unsandboxed       run process jobs without a sandbox where there is none
  --no-allow-unsandboxed    take that back
  --insecure                allow an unencrypted address off this machine
  --no-stay                 only with join: register, then stop
  --log-level LEVEL         silent, error, warn, info, debug (default: warn)
  --log-file FILE           write the log there instead of stderr

Options of all commands
  --state-dir DIR           where identity and running jobs are kept
                            (default: $OTHERTHING_AGENT_DIR, else below the home folder)
`;

export type Arguments =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | {
      readonly command: 'join' | 'run';
      readonly stateDir: string;
      readonly url: string | undefined;
      readonly token: string | undefined;
      readonly tokenFile: string | undefined;
      readonly name: string | undefined;
      readonly labels: Readonly<Record<string, string>> | undefined;
      readonly settings: OwnerSettings;
      readonly insecure: boolean | undefined;
      readonly stay: boolean;
      readonly logLevel: LogLevel;
      readonly logFile: string | undefined;
    }
  | { readonly command: 'status'; readonly stateDir: string; readonly json: boolean }
  | {
      readonly command: 'approve' | 'reject';
      readonly stateDir: string;
      /** `null` for all. */
      readonly claim: string | null;
    }
  | { readonly command: 'rotate-key'; readonly stateDir: string }
  | { readonly command: 'leave'; readonly stateDir: string; readonly workspaceId: string | null };

const LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

const OPTIONS = {
  token: { type: 'string' },
  'token-file': { type: 'string' },
  name: { type: 'string' },
  label: { type: 'string', multiple: true },
  'cpu-cores': { type: 'string' },
  'ram-percent': { type: 'string' },
  'read-only-path': { type: 'string', multiple: true },
  'allow-unsandboxed': { type: 'boolean' },
  'no-allow-unsandboxed': { type: 'boolean' },
  insecure: { type: 'boolean' },
  'no-stay': { type: 'boolean' },
  'log-level': { type: 'string' },
  'log-file': { type: 'string' },
  'state-dir': { type: 'string' },
  workspace: { type: 'string' },
  all: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Values = ReturnType<typeof parse>['values'];

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
}

const wrong = (message: string): AppError =>
  new AppError('bad_request', { message, hint: 'Run `otherthing-agent --help` for what it understands.' });

/** Below the home folder; one folder for one node. */
export function defaultStateDir(environment: NodeJS.ProcessEnv): string {
  if (environment.OTHERTHING_AGENT_DIR) return environment.OTHERTHING_AGENT_DIR;
  if (process.platform === 'win32')
    return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'OtherThing', 'agent');
  if (process.platform === 'darwin')
    return join(homedir(), 'Library', 'Application Support', 'OtherThing', 'agent');
  return join(environment.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'otherthing-agent');
}

function numberOf(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw wrong(`${option} takes a number above 0, not ${text}.`);
  return number;
}

function labelsOf(texts: readonly string[] | undefined): Record<string, string> | undefined {
  if (texts === undefined) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const [key = '', value = ''] = text.split(/=(.*)/s);
      if (!LabelKey.safeParse(key).success || !LabelValue.safeParse(value).success)
        throw wrong(`--label takes KEY=VALUE, not ${text}.`);
      return [key, value];
    }),
  );
}

function settingsOf(values: Values): OwnerSettings {
  if (values['allow-unsandboxed'] && values['no-allow-unsandboxed'])
    throw wrong('--allow-unsandboxed and --no-allow-unsandboxed exclude each other.');
  return {
    cpuCores: numberOf(values['cpu-cores'], '--cpu-cores'),
    ramPercent: numberOf(values['ram-percent'], '--ram-percent'),
    readOnlyPaths: values['read-only-path'],
    allowUnsandboxed: values['allow-unsandboxed'] ?? (values['no-allow-unsandboxed'] ? false : undefined),
  };
}

function runArguments(
  command: 'join' | 'run',
  values: Values,
  from: { url: string | undefined; stateDir: string },
): Arguments {
  const { url, stateDir } = from;
  if (command === 'join' && url === undefined) throw wrong('join needs the address of the orchestrator.');
  if (values.token !== undefined && values['token-file'] !== undefined)
    throw wrong('--token and --token-file exclude each other.');
  if (values.name !== undefined && !NodeName.safeParse(values.name).success)
    throw wrong(`--name takes 1 to 63 of a-z 0-9 -, not ${values.name}.`);
  const logLevel = values['log-level'] ?? 'warn';
  if (!LEVELS.includes(logLevel)) throw wrong(`--log-level takes one of ${LEVELS.join(', ')}.`);
  return {
    command,
    stateDir,
    url,
    token: values.token,
    tokenFile: values['token-file'],
    name: values.name,
    labels: labelsOf(values.label),
    settings: settingsOf(values),
    insecure: values.insecure,
    stay: !values['no-stay'],
    logLevel: logLevel as LogLevel,
    logFile: values['log-file'],
  };
}

function claimOf(values: Values, argument: string | undefined): string | null {
  if (values.all && argument === undefined) return null;
  if (!values.all && argument !== undefined) return argument;
  throw wrong('Name one claim, or say --all.');
}

function parseOrExplain(argv: readonly string[]) {
  try {
    return parse(argv);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

/** Understands the command line, or throws an `AppError` that says what is wrong with it. */
export function parseArguments(argv: readonly string[], environment: NodeJS.ProcessEnv): Arguments {
  const { values, positionals } = parseOrExplain(argv);
  if (values.help) return { command: 'help' };
  if (values.version) return { command: 'version' };
  const [command, argument, ...rest] = positionals;
  if (rest.length > 0) throw wrong(`${rest[0]} is one argument too many.`);
  const stateDir = values['state-dir'] ?? defaultStateDir(environment);
  switch (command) {
    case undefined:
    case 'help':
      return { command: 'help' };
    case 'join':
    case 'run':
      return runArguments(command, values, { url: argument, stateDir });
    case 'status':
      return { command, stateDir, json: values.json ?? false };
    case 'approve':
    case 'reject':
      return { command, stateDir, claim: claimOf(values, argument) };
    case 'rotate-key':
      return { command, stateDir };
    case 'leave':
      return { command, stateDir, workspaceId: values.workspace ?? null };
    default:
      throw wrong(`${command} is no command.`);
  }
}
