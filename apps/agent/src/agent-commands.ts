import { AppError } from '@otherthing/protocol/errors';
import { SECOND } from '@otherthing/runtime';
import type { AgentParts } from './agent-parts.ts';

/** How long a command waits for the orchestrator to carry it out. */
const ANSWER_MS = 10 * SECOND;

function mustBeConnected(agent: AgentParts): void {
  const { state, error } = agent.connection.state;
  if (state === 'connected') return;
  throw new AppError('unavailable', {
    message: `The agent is not connected to its orchestrator${error ? `: ${error.message}` : '.'}`,
    hint: error?.hint ?? 'Try again once `otherthing-agent status` says that it is connected.',
  });
}

function late(): AppError {
  return new AppError('unavailable', {
    message: 'The orchestrator did not answer in time.',
    hint: 'Look at `otherthing-agent status` in a moment and repeat if nothing changed.',
  });
}

/** Accepts or rejects one claim, or all that wait (`claim: null`). Returns the answered ones. */
export async function answerClaims(
  agent: AgentParts,
  order: { claim: string | null; accept: boolean },
): Promise<{ claims: unknown[] }> {
  const { connection, nodeState } = agent;
  mustBeConnected(agent);
  const waiting = nodeState.view().pendingClaims;
  const claims = order.claim === null ? waiting : waiting.filter((claim) => claim.claim_id === order.claim);
  if (order.claim !== null && claims.length === 0)
    throw new AppError('not_found', {
      message: `No claim ${order.claim} waits for you.`,
      hint: 'Run `otherthing-agent status` for those that do.',
    });
  const ids = new Set(claims.map((claim) => claim.claim_id));
  for (const id of ids) connection.send({ type: 'claim_answer', claim_id: id, accept: order.accept });
  const isDone = await nodeState.until(
    (view) => !view.pendingClaims.some((claim) => ids.has(claim.claim_id)),
    ANSWER_MS,
  );
  if (!isDone) throw late();
  return { claims: [...claims] };
}

/** Asks for a new share key; the old one stops working. */
export async function rotateShareKey(agent: AgentParts): Promise<{ shareKey: string; expiresAt: string }> {
  mustBeConnected(agent);
  const before = agent.nodeState.view().shareKey;
  agent.connection.send({ type: 'rotate_share_key' });
  if (!(await agent.nodeState.until((view) => view.shareKey !== before, ANSWER_MS))) throw late();
  const { shareKey, shareKeyExpiresAt } = agent.nodeState.view();
  return { shareKey: shareKey ?? '', expiresAt: shareKeyExpiresAt ?? '' };
}

/** What came of `leave`; `told` is false when the orchestrator could not be reached. */
export type LeaveResult = { readonly left: readonly string[]; readonly told: boolean };

/** Takes the machine out of one workspace. */
export async function leaveWorkspace(agent: AgentParts, id: string): Promise<LeaveResult> {
  mustBeConnected(agent);
  if (!agent.nodeState.view().workspaces.some((workspace) => workspace.id === id))
    throw new AppError('workspace_not_found', {
      message: `This node is not lent to ${id}.`,
      hint: 'Run `otherthing-agent status` for the workspaces it is lent to.',
    });
  agent.connection.send({ type: 'leave_workspace', workspace_id: id });
  const isGone = await agent.nodeState.until(
    (view) => !view.workspaces.some((workspace) => workspace.id === id),
    ANSWER_MS,
  );
  if (!isGone) throw late();
  return { left: [id], told: true };
}

/**
 * Takes the machine back for good. Works without a connection too: a copied machine cannot connect while the original
 * does, and leaving is its way out.
 */
export async function leaveAll(agent: AgentParts): Promise<LeaveResult> {
  const left = agent.nodeState.view().workspaces.map((workspace) => workspace.id);
  agent.runs.dropAll();
  if (!agent.connection.send({ type: 'leave_workspace' })) return { left, told: false };
  const told = await agent.nodeState.until((view) => view.workspaces.length === 0, ANSWER_MS);
  return { left, told };
}
