import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Assignment } from '@otherthing/protocol/agent';
import { newId } from '@otherthing/protocol/ids';
import { Resources } from '@otherthing/protocol/job-spec';
import { createLogger, type Logger, silentLogger, systemClock } from '@otherthing/runtime';
import { type Agent, type AgentOptions, createAgent } from '../agent.ts';
import { removeTree } from '../disk/index.ts';
import { plainExecutors } from './plain-executors.ts';
import { type ScriptedOptions, ScriptedOrchestrator, WORKSPACE } from './scripted-orchestrator.ts';

export const testLogger: Logger = process.env.TEST_LOG
  ? createLogger({ level: 'debug', name: 'test', stream: process.stderr })
  : silentLogger;

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ot-agent-'));
  t.after(() => removeTree(folder));
  return folder;
}

export async function startOrchestrator(
  t: TestContext,
  options: ScriptedOptions = {},
): Promise<ScriptedOrchestrator> {
  const orchestrator = await new ScriptedOrchestrator(options).start();
  t.after(() => orchestrator.stop());
  return orchestrator;
}

/** An agent that is stopped before its folder is removed. */
export async function startAgent(
  t: TestContext,
  options: Partial<AgentOptions> & Pick<AgentOptions, 'url'>,
): Promise<Agent & { stateDir: string }> {
  const stateDir = options.stateDir ?? (await temporaryFolder(t));
  const agent = createAgent({
    clock: systemClock,
    logger: testLogger,
    executors: plainExecutors,
    caps: { reserveBytes: 64 * 1024, keepFreeBytes: 0 },
    limits: { cpuCores: 64, ramPercent: 80 },
    ...options,
    stateDir,
  });
  t.after(() => agent.stop());
  await agent.start();
  return Object.assign(agent, { stateDir });
}

type ProcessAssignment = Extract<Assignment, { kind: 'process' }>;
type ScriptAssignment = Extract<Assignment, { kind: 'script' }>;

const base = () => ({
  job_id: newId('job'),
  epoch: 1,
  workspace_id: WORKSPACE,
  env: {},
  secrets: {},
  inputs: [],
  resources: { ...Resources.parse({}), memoryMb: 16, cpuCores: 0.1, diskMb: 64 },
  run_timeout_ms: 60_000,
  transfer_token: 'transfer-1',
});

/** A process job of `sh -c`. */
export function shellJob(script: string, changes: Partial<ProcessAssignment> = {}): ProcessAssignment {
  return { ...base(), kind: 'process', command: ['sh', '-c', script], ...changes };
}

export function scriptJob(source: string, changes: Partial<ScriptAssignment> = {}): ScriptAssignment {
  return { ...base(), kind: 'script', source, input: null, ...changes };
}
