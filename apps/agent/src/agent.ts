import type { Registered } from '@otherthing/protocol/agent';
import { type Logger, MINUTE, SECOND } from '@otherthing/runtime';
import { answerClaims, leaveAll, leaveWorkspace, rotateShareKey } from './agent-commands.ts';
import { type AgentOptions, type AgentParts, buildParts } from './agent-parts.ts';
import { statusOf } from './agent-status.ts';
import type { LinkMessage } from './connection/index.ts';
import { type AgentStatus, type LocalApi, type LocalCommand, startLocalApi } from './local-api/index.ts';

export type { AgentOptions, ExecutorSet } from './agent-parts.ts';
export type { RunExecutor } from './runs/index.ts';

/** One node's agent: `start` resolves once it listens and dials, not once it is connected. */
export type Agent = {
  start(): Promise<void>;
  /** Stops running jobs (their outcomes say so), then everything else. */
  stop(): Promise<void>;
  /** Only after `start`. */
  status(): AgentStatus;
  /** The same as the commands of the local door. */
  command(command: LocalCommand): Promise<unknown>;
};

const RECONCILE_MS = MINUTE;
const DISK_CHECK_MS = 5 * SECOND;
/** How long a stopping agent waits for the orchestrator to acknowledge what just ended. */
const FAREWELL_MS = 2 * SECOND;

/** Composition root: constructs and connects every part. Many agents can live in one process, each in its state folder. */
export function createAgent(options: AgentOptions): Agent {
  let parts: AgentParts | undefined;
  let localApi: LocalApi | undefined;
  let stopping: Promise<void> | undefined;
  const timers: (() => void)[] = [];
  const running = (): AgentParts => {
    if (!parts) throw new Error('the agent was not started');
    return parts;
  };

  const command = async (order: LocalCommand): Promise<unknown> => {
    const agent = running();
    if (order.command === 'status') return statusOf(agent, options);
    if (order.command === 'answer') return answerClaims(agent, order);
    if (order.command === 'rotate-key') return rotateShareKey(agent);
    if (order.workspaceId !== null) return leaveWorkspace(agent, order.workspaceId);
    const result = await leaveAll(agent);
    options.onLeft?.();
    return result;
  };

  const start = async (): Promise<void> => {
    const agent = await buildParts(options, {
      onRegistered: (registered, key) => onRegistered(running(), registered, key),
      onMessage: (message) => onMessage(running(), message),
    });
    parts = agent;
    await agent.runs.recover();
    localApi = await startLocalApi({ stateDir: options.stateDir, logger: agent.logger, handle: command });
    agent.hardware.start(() => tellChange(agent));
    timers.push(
      options.clock.every(RECONCILE_MS, () => agent.runs.reconcile()),
      options.clock.every(DISK_CHECK_MS, () => void agent.checkDisk()),
    );
    agent.connection.open();
  };

  const stop = async (): Promise<void> => {
    if (!parts) return;
    const { runs, outbox, membership, connection, hardware, transfers, lock, logger } = parts;
    for (const stopTimer of timers) stopTimer();
    hardware.stop();
    await runs.stopAll();
    if (connection.state.state === 'connected') await outbox.drained(FAREWELL_MS);
    connection.close();
    transfers.close();
    await localApi?.close();
    await outbox.close();
    await membership.settled();
    await lock.release();
    logger.info('stopped');
  };

  return {
    start,
    stop() {
      stopping ??= stop();
      return stopping;
    },
    status: () => statusOf(running(), options),
    command,
  };
}

function onRegistered(agent: AgentParts, registered: Registered, orchestratorKey: string): void {
  const known = agent.membership.current();
  const done = registered.join !== undefined || registered.workspace_ids.length > 0;
  remember(agent.logger, [
    agent.membership.update({
      orchestratorKey,
      shareKey: registered.share_key,
      registeredAt: known?.registeredAt ?? new Date(agent.clock.now()).toISOString(),
      ...(done ? { joinToken: undefined } : {}),
    }),
  ]);
  agent.nodeState.onRegistered(registered);
  agent.runs.onConnected();
}

function onMessage(agent: AgentParts, message: LinkMessage): void {
  agent.nodeState.onMessage(message);
  if (message.type === 'share_key')
    remember(agent.logger, [agent.membership.update({ shareKey: message.share_key })]);
  agent.runs.onMessage(message);
}

/** A full disk must not end the connection: what could not be written is learned again at the next one. */
function remember(logger: Logger, writes: Promise<unknown>[]): void {
  for (const write of writes)
    write.catch((error: unknown) => logger.error({ err: error }, 'the membership could not be written'));
}

function tellChange(agent: AgentParts): void {
  agent.connection.send({
    type: 'node_changed',
    capabilities: agent.capabilities(),
    resource_limits: agent.limits(),
    remote_control_enabled: false,
  });
}
