import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { AppError } from '@otherthing/protocol/errors';
import { JoinTokenText, orchestratorKeyOf } from '@otherthing/protocol/tokens';
import { createLogger, type Logger, systemClock } from '@otherthing/runtime';
import { type Agent, createAgent, type ExecutorSet } from '../agent.ts';
import { ensurePrivateFolder } from '../disk/index.ts';
import { endpointsOf, forgetNode, openMembership } from '../identity/index.ts';
import type { Membership } from '../identity/membership.ts';
import { type OwnerSettings, updateSettings } from '../limits/index.ts';
import type { Arguments } from './arguments.ts';
import { createScreen, type Screen } from './live-screen.ts';
import type { Invocation } from './screen.ts';

export type RunArguments = Extract<Arguments, { command: 'join' | 'run' }>;

/** Makes what runs jobs, from what the owner decided. */
export type ExecutorFactory = (options: {
  readonly stateDir: string;
  readonly settings: OwnerSettings;
  readonly logger: Logger;
}) => Promise<ExecutorSet> | ExecutorSet;

export type RunIo = {
  readonly print: (text: string) => void;
  readonly invocation: Invocation;
  readonly executors: ExecutorFactory;
  /** Resolves when the process is asked to stop. */
  readonly stopRequested: Promise<void>;
};

/** Runs the agent until it is asked to stop or cannot go on; returns the exit code. */
export async function runAgent(options: RunArguments, io: RunIo): Promise<number> {
  await ensurePrivateFolder(options.stateDir);
  const known = (await openMembership(options.stateDir)).current();
  const url = urlOf(options, known);
  const token = await tokenOf(options, known);
  checkMove(options, { known, url, token });
  const settings = await updateSettings(options.stateDir, options.settings);
  const end = createEnd();
  const screen = createScreen({
    print: io.print,
    invocation: io.invocation,
    url,
    first: known?.registeredAt === undefined,
    exit: end.exit,
  });
  const agent = await buildAgent(options, { io, url, token, known, settings, screen, exit: end.exit });
  await agent.start();
  screen.onStarted(agent);
  if (!options.stay) screen.onceRegistered(() => end.exit({ code: 0 }));
  void io.stopRequested.then(() => end.exit({ code: 0 }));
  const { code, forget } = await end.reached;
  await agent.stop();
  if (forget) await forgetNode(options.stateDir);
  return code;
}

type End = { readonly code: number; readonly forget?: boolean };

function createEnd(): { reached: Promise<End>; exit: (end: End) => void } {
  let exit: (end: End) => void = () => undefined;
  const reached = new Promise<End>((resolve) => {
    exit = resolve;
  });
  return { reached, exit: (end) => exit(end) };
}

type Build = {
  readonly io: RunIo;
  readonly url: string;
  readonly token: string | undefined;
  readonly known: Membership | undefined;
  readonly settings: OwnerSettings;
  readonly screen: Screen;
  readonly exit: (end: End) => void;
};

/** The answer to `leave` goes out before the agent stops. */
const LEAVE_MS = 200;

async function buildAgent(options: RunArguments, build: Build): Promise<Agent> {
  const { io, url, token, known, settings, screen } = build;
  const logger = createLogger({
    level: options.logLevel,
    name: 'agent',
    stream:
      options.logFile === undefined
        ? process.stderr
        : createWriteStream(options.logFile, { flags: 'a', mode: 0o600 }),
  });
  return createAgent({
    url,
    stateDir: options.stateDir,
    joinToken: token,
    name: options.name ?? known?.name ?? nodeNameOf(hostname()),
    labels: options.labels,
    limits: settings,
    insecure: options.insecure ?? known?.insecure,
    allowUnsandboxed: settings.allowUnsandboxed,
    clock: systemClock,
    logger,
    executors: await io.executors({ stateDir: options.stateDir, settings, logger }),
    onNews: screen.onNews,
    onConnection: screen.onConnection,
    onLeft: () => setTimeout(() => build.exit({ code: 0, forget: true }), LEAVE_MS),
  });
}

function urlOf(options: RunArguments, known: Membership | undefined): string {
  const url = options.url ?? known?.url;
  if (url === undefined)
    throw new AppError('bad_request', {
      message: 'This machine has not joined an orchestrator yet.',
      hint: 'Run `otherthing-agent join URL` first.',
    });
  return endpointsOf(url, { insecure: options.insecure ?? known?.insecure ?? false }).url;
}

/** A token given to `run` is for its first start only; one given to `join` is used now. */
async function tokenOf(options: RunArguments, known: Membership | undefined): Promise<string | undefined> {
  if (options.command === 'run' && known?.registeredAt !== undefined) return undefined;
  const text =
    options.tokenFile === undefined ? options.token : (await readFile(options.tokenFile, 'utf8')).trim();
  if (text === undefined) return undefined;
  if (JoinTokenText.safeParse(text).success) return text;
  throw new AppError('join_token_refused', { message: 'This does not look like a join token.' });
}

/** A node has one orchestrator. Another address of the same one is fine: its key proves it. */
function checkMove(
  options: RunArguments,
  to: { known: Membership | undefined; url: string; token: string | undefined },
): void {
  const { known, url, token } = to;
  if (options.command !== 'join' || known?.registeredAt === undefined || known.url === url) return;
  const key = token === undefined ? undefined : orchestratorKeyOf(token);
  if (key !== undefined && key === known.orchestratorKey) return;
  throw new AppError('conflict', {
    message: `This machine is lent through ${known.url} already.`,
    hint: 'Run `otherthing-agent leave` first, or use another --state-dir for a second node.',
  });
}

/** The host name as a node may be called. */
export function nodeNameOf(host: string): string {
  const name = host
    .toLowerCase()
    .split('.')[0]
    ?.replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return name || 'node';
}
