import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type {
  Capabilities,
  ExecutorCapability,
  Registered,
  ResourceLimits,
} from '@otherthing/protocol/agent';
import { PRODUCT_VERSION } from '@otherthing/protocol/version';
import type { Clock, Logger } from '@otherthing/runtime';
import {
  type Connection,
  type ConnectionState,
  createConnection,
  type LinkMessage,
} from './connection/index.ts';
import { ensurePrivateFolder, freeBytes } from './disk/index.ts';
import { probeExecutors } from './executor-probes.ts';
import { createHardware, createLoadMeter, type Hardware } from './hardware/index.ts';
import {
  endpointsOf,
  type Identity,
  loadOrCreateIdentity,
  lockStateDir,
  type MembershipStore,
  newShareKey,
  openMembership,
  type StateLock,
} from './identity/index.ts';
import { type Admission, createAdmission } from './limits/index.ts';
import { createNodeState, type NodeNews, type NodeState } from './node-state/index.ts';
import { type Outbox, openOutbox } from './outbox/index.ts';
import { createInputs, createRuns, type RunExecutor, type Runs } from './runs/index.ts';
import { createTransfers, type Transfers } from './transfers/index.ts';

/** What can run jobs here, and how to remove what an earlier agent process left running. */
export type ExecutorSet = {
  readonly executors: readonly RunExecutor[];
  sweepLeftovers(): Promise<void>;
};

export type AgentOptions = {
  /** Address of the orchestrator. */
  readonly url: string;
  readonly stateDir: string;
  /** Used while this node has not joined with it yet. */
  readonly joinToken?: string | undefined;
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Default: all cores, 80 % of the memory. */
  readonly limits?: Partial<ResourceLimits> | undefined;
  /** Allow unencrypted addresses off this machine. */
  readonly insecure?: boolean | undefined;
  readonly allowUnsandboxed?: boolean | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly executors: ExecutorSet;
  readonly hardware?: Hardware | undefined;
  readonly onNews?: ((news: NodeNews) => void) | undefined;
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
  /** The owner took the machine back: time to stop and to forget this identity. */
  readonly onLeft?: (() => void) | undefined;
  /** Smaller caps, for tests. */
  readonly caps?:
    | {
        readonly outputBytes?: number;
        readonly spoolBytes?: number;
        readonly cacheBytes?: number;
        readonly reserveBytes?: number;
        readonly keepFreeBytes?: number;
      }
    | undefined;
};

export type AgentParts = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lock: StateLock;
  readonly identity: Identity;
  readonly membership: MembershipStore;
  readonly nodeState: NodeState;
  readonly hardware: Hardware;
  readonly outbox: Outbox;
  readonly admission: Admission;
  readonly transfers: Transfers;
  readonly connection: Connection;
  readonly runs: Runs;
  limits(): ResourceLimits;
  capabilities(): Capabilities;
  checkDisk(): Promise<void>;
};

export type AgentEvents = {
  readonly onRegistered: (registered: Registered, orchestratorKey: string) => void;
  readonly onMessage: (message: LinkMessage) => void;
};

const DEFAULT_RAM_PERCENT = 80;
const KEEP_FREE_BYTES = 256 * 1024 * 1024;

/** Opens the state folder and constructs what lives on it. Nothing is dialled yet. */
export async function buildParts(options: AgentOptions, events: AgentEvents): Promise<AgentParts> {
  const endpoints = endpointsOf(options.url, { insecure: options.insecure ?? false });
  await ensurePrivateFolder(options.stateDir);
  const lock = await lockStateDir(options.stateDir);
  try {
    return await openParts(options, events, { endpoints, lock });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

type Opened = { readonly endpoints: ReturnType<typeof endpointsOf>; readonly lock: StateLock };

async function openParts(options: AgentOptions, events: AgentEvents, opened: Opened): Promise<AgentParts> {
  const { clock, stateDir } = options;
  const identity = await loadOrCreateIdentity(stateDir);
  const logger = options.logger.child({ node: identity.nodeId });
  const membership = await openMembership(stateDir);
  await rememberStart(membership, options, opened.endpoints.url);
  const outbox = await openOutbox({
    folder: join(stateDir, 'outbox'),
    nodeId: identity.nodeId,
    logger: logger.child({ module: 'outbox' }),
    reserveBytes: options.caps?.reserveBytes,
  });
  await options.executors.sweepLeftovers();
  const hardware =
    options.hardware ??
    createHardware({ clock, logger: logger.child({ module: 'hardware' }), environment: process.env });
  const probes = await probeExecutors(options.executors.executors, logger);
  const node = describeNode({ options, identity, hardware, probes });
  const disk = await watchDisk(stateDir, outbox, logger);
  const admission = createAdmission({
    ...node,
    freeDiskBytes: disk.free,
    keepFreeBytes: options.caps?.keepFreeBytes ?? KEEP_FREE_BYTES,
  });
  const transfers = createTransfers({
    baseUrl: opened.endpoints.http,
    logger: logger.child({ module: 'transfers' }),
  });
  const base = { clock, logger, identity, membership, hardware, outbox, admission, transfers, ...node };
  const nodeState = createNodeState((news) => options.onNews?.(news));
  const connection = connect({
    ...base,
    options,
    events,
    node,
    socketUrl: opened.endpoints.socket,
    runs: () => runs,
  });
  const runs = await openRuns(options, { ...base, connection });
  return { ...base, lock: opened.lock, nodeState, connection, runs, checkDisk: disk.check };
}

async function openRuns(
  options: AgentOptions,
  parts: Pick<AgentParts, 'outbox' | 'connection' | 'admission' | 'transfers' | 'clock' | 'logger'>,
): Promise<Runs> {
  const folders = { runs: join(options.stateDir, 'runs'), cache: join(options.stateDir, 'cache') };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
  const { outbox, connection, admission, transfers, clock, logger } = parts;
  return createRuns({
    folder: folders.runs,
    outbox,
    link: connection,
    admission,
    executors: () => options.executors.executors,
    inputs: createInputs({ cacheFolder: folders.cache, transfers, cacheBytes: options.caps?.cacheBytes }),
    transfers,
    clock,
    logger: logger.child({ module: 'runs' }),
    outputCapBytes: options.caps?.outputBytes,
    spoolCapBytes: options.caps?.spoolBytes,
  });
}

type Described = { limits(): ResourceLimits; capabilities(): Capabilities };

function describeNode(from: {
  options: AgentOptions;
  identity: Identity;
  hardware: Hardware;
  probes: readonly ExecutorCapability[];
}): Described {
  const { options, identity, hardware, probes } = from;
  return {
    limits: () => ({
      cpuCores: options.limits?.cpuCores ?? availableParallelism(),
      ramPercent: options.limits?.ramPercent ?? DEFAULT_RAM_PERCENT,
    }),
    capabilities: () => ({
      ...hardware.current(),
      node_id: identity.nodeId,
      agent_version: PRODUCT_VERSION,
      executors: [...probes],
    }),
  };
}

/** A new address or token is kept before it is used, so that a crash in between loses neither. */
async function rememberStart(membership: MembershipStore, options: AgentOptions, url: string): Promise<void> {
  const { joinToken, name, labels } = options;
  await membership.update({
    url,
    shareKey: membership.current()?.shareKey ?? newShareKey(),
    ...(options.insecure === undefined ? {} : { insecure: options.insecure }),
    ...(joinToken === undefined ? {} : { joinToken }),
    ...(name === undefined ? {} : { name }),
    ...(labels === undefined ? {} : { labels: { ...labels } }),
  });
}

async function watchDisk(stateDir: string, outbox: Outbox, logger: Logger) {
  let free = await freeBytes(stateDir);
  return {
    free: () => free,
    check: async (): Promise<void> => {
      try {
        free = await freeBytes(stateDir);
        await outbox.recover();
      } catch (error) {
        logger.warn({ err: error }, 'the free space of the disk cannot be read');
      }
    },
  };
}

function connect(from: {
  options: AgentOptions;
  events: AgentEvents;
  membership: MembershipStore;
  identity: Identity;
  node: Described;
  socketUrl: string;
  logger: Logger;
  runs: () => Runs;
}): Connection {
  const { options, membership, node } = from;
  return createConnection({
    socketUrl: from.socketUrl,
    identity: from.identity,
    clock: options.clock,
    logger: from.logger.child({ module: 'connection' }),
    trust: () => ({
      pinned: membership.current()?.orchestratorKey,
      joinToken: membership.current()?.joinToken,
    }),
    introduce: () => {
      const known = membership.current();
      return {
        shareKey: known?.shareKey ?? newShareKey(),
        capabilities: node.capabilities(),
        limits: node.limits(),
        remoteControl: false,
        workspaceIds: [],
        joinToken: known?.joinToken,
        name: known?.name,
        labels: known?.labels,
      };
    },
    load: createLoadMeter(),
    onRegistered: from.events.onRegistered,
    onMessage: from.events.onMessage,
    onStateChange: (state) => {
      if (state.state !== 'connected' && state.state !== 'connecting') from.runs().onDisconnected();
      if (state.state === 'stopped' && state.error?.code === 'join_token_refused')
        forgetToken(membership, from.logger);
      options.onConnection?.(state);
    },
  });
}

/** A refused token must not stand in the way of the next start. */
function forgetToken(membership: MembershipStore, logger: Logger): void {
  membership
    .update({ joinToken: undefined })
    .catch((error: unknown) => logger.error({ err: error }, 'the membership could not be written'));
}
