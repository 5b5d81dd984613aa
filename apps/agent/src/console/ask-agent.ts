import { setTimeout } from 'node:timers/promises';
import { AppError } from '@otherthing/protocol/errors';
import { silentLogger, systemClock } from '@otherthing/runtime';
import { z } from 'zod';
import { createAgent } from '../agent.ts';
import { forgetNode, groupShareKey, openMembership } from '../identity/index.ts';
import type { Membership } from '../identity/membership.ts';
import { AgentStatus, askAgent, type LocalCommand } from '../local-api/index.ts';
import type { Arguments } from './arguments.ts';
import { type Invocation, plain, statusText } from './screen.ts';

export type AskArguments = Exclude<Arguments, { command: 'join' | 'run' | 'help' | 'version' }>;
type Io = { readonly print: (text: string) => void; readonly invocation: Invocation };

const CONNECT_MS = 10_000;
const STEP_MS = 50;

const Answered = z.object({ claims: z.array(z.object({ workspace_name: z.string() })) });
const Rotated = z.object({ shareKey: z.string() });
const Left = z.object({ left: z.array(z.string()), told: z.boolean() });

function notRunning(): AppError {
  return new AppError('unavailable', {
    message: 'No agent runs on this machine for this state folder.',
    hint: 'Start it with `otherthing-agent run`.',
  });
}

async function askRunning(stateDir: string, command: LocalCommand): Promise<unknown> {
  const value = await askAgent(stateDir, command);
  if (value === undefined) throw notRunning();
  return value;
}

/** The commands that talk to the running agent; returns the exit code. */
export async function askCommand(options: AskArguments, io: Io): Promise<number> {
  const { stateDir } = options;
  switch (options.command) {
    case 'status':
      return showStatus(options, io);
    case 'approve':
    case 'reject': {
      const accept = options.command === 'approve';
      const reply = await askRunning(stateDir, { command: 'answer', claim: options.claim, accept });
      const { claims } = Answered.parse(reply);
      if (claims.length === 0) io.print('No claim waits for you.');
      for (const claim of claims)
        io.print(`${accept ? 'Accepted' : 'Refused'}: ${plain(claim.workspace_name)}`);
      return 0;
    }
    case 'rotate-key': {
      const { shareKey } = Rotated.parse(await askRunning(stateDir, { command: 'rotate-key' }));
      io.print(`Share key: ${groupShareKey(shareKey)}`);
      return 0;
    }
    case 'leave':
      return options.workspaceId === null ? leave(stateDir, io) : leaveOne(stateDir, options.workspaceId, io);
  }
}

async function showStatus(options: Extract<AskArguments, { command: 'status' }>, io: Io): Promise<number> {
  const value = await askAgent(options.stateDir, { command: 'status' });
  const membership = value === undefined ? (await openMembership(options.stateDir)).current() : undefined;
  if (options.json) {
    io.print(
      JSON.stringify(
        value === undefined ? stoppedStatus(membership) : { running: true, ...(value as object) },
        null,
        2,
      ),
    );
    return value === undefined ? 1 : 0;
  }
  if (value !== undefined) {
    io.print(statusText(AgentStatus.parse(value), io.invocation, Date.now()));
    return 0;
  }
  io.print(
    membership === undefined
      ? 'This machine is not lent to anybody. Start with `otherthing-agent join URL`.'
      : `The agent does not run. This machine joined ${membership.url}${membership.name ? ` as ${membership.name}` : ''}; start it with \`otherthing-agent run\`.`,
  );
  return 1;
}

function stoppedStatus(membership: Membership | undefined) {
  return { running: false, url: membership?.url ?? null, name: membership?.name ?? null };
}

async function leaveOne(stateDir: string, workspaceId: string, io: Io): Promise<number> {
  const order: LocalCommand = { command: 'leave', workspaceId };
  const value = (await askAgent(stateDir, order)) ?? (await withTemporaryAgent(stateDir, order));
  if (value === undefined) throw notRunning();
  io.print(`No longer lent to ${workspaceId}.`);
  return 0;
}

/** Leaves everything and forgets the identity; the next join is a new node. */
async function leave(stateDir: string, io: Io): Promise<number> {
  const order: LocalCommand = { command: 'leave', workspaceId: null };
  const running = await askAgent(stateDir, order);
  const value = running ?? (await withTemporaryAgent(stateDir, order));
  if (running !== undefined) await untilStopped(stateDir);
  await forgetNode(stateDir);
  io.print('This machine is yours alone again. Its key is deleted; the next join makes a new node.');
  const told = value !== undefined && Left.parse(value).told;
  if (!told)
    io.print(
      'The orchestrator could not be told: if it still lists this node, remove it there (Nodes page).',
    );
  return 0;
}

async function untilStopped(stateDir: string): Promise<void> {
  for (let waited = 0; waited < CONNECT_MS; waited += STEP_MS) {
    if ((await askAgent(stateDir, { command: 'status' }).catch(() => undefined)) === undefined) return;
    await setTimeout(STEP_MS);
  }
}

/** An agent that takes no jobs, only to tell the orchestrator something. Undefined when it cannot be reached. */
async function withTemporaryAgent(stateDir: string, order: LocalCommand): Promise<unknown> {
  const membership = (await openMembership(stateDir)).current();
  if (membership?.registeredAt === undefined) return undefined;
  const agent = createAgent({
    url: membership.url,
    stateDir,
    insecure: membership.insecure,
    clock: systemClock,
    logger: silentLogger,
    executors: { executors: [], sweepLeftovers: async () => undefined },
  });
  await agent.start();
  try {
    for (let waited = 0; waited < CONNECT_MS; waited += STEP_MS) {
      const { state } = agent.status().connection;
      if (state === 'connected' && agent.status().name !== null) return await agent.command(order);
      if (state === 'stopped') return undefined;
      await setTimeout(STEP_MS);
    }
    return undefined;
  } finally {
    await agent.stop();
  }
}
