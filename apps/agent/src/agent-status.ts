import { resolve } from 'node:path';
import { PRODUCT_VERSION } from '@otherthing/protocol/version';
import type { AgentOptions, AgentParts } from './agent-parts.ts';
import { fingerprintOf } from './identity/index.ts';
import type { AgentStatus } from './local-api/index.ts';

const iso = (time: number): string => new Date(time).toISOString();

/** Everything `status` shows, of a running agent. */
export function statusOf(agent: AgentParts, options: AgentOptions): AgentStatus {
  const { state, since, retryAt, error } = agent.connection.state;
  const membership = agent.membership.current();
  const view = agent.nodeState.view();
  const key = membership?.orchestratorKey;
  return {
    version: PRODUCT_VERSION,
    pid: process.pid,
    stateDir: resolve(options.stateDir),
    nodeId: agent.identity.nodeId,
    fingerprint: agent.identity.fingerprint,
    name: view.name ?? membership?.name ?? null,
    owner: view.owner,
    url: membership?.url ?? options.url,
    orchestratorFingerprint: key === undefined ? null : fingerprintOf(key),
    connection: {
      state,
      since: iso(since),
      retryAt: retryAt === undefined ? null : iso(retryAt),
      problem: error ? { code: error.code, message: error.message, hint: error.hint } : null,
    },
    shareKey: view.shareKey,
    shareKeyExpiresAt: view.shareKeyExpiresAt,
    workspaces: [...view.workspaces],
    waitingForAdmin: view.join !== null && !view.join.approved && view.workspaces.length === 0,
    pendingClaims: [...view.pendingClaims],
    limits: agent.limits(),
    used: agent.admission.used(),
    allowUnsandboxed: options.allowUnsandboxed ?? false,
    executors: agent.capabilities().executors,
    jobs: agent.runs.views(),
    unacknowledged: agent.outbox.pendingCount,
    refusing: agent.outbox.refusal() ?? null,
  };
}
