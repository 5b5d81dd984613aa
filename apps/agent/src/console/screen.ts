import type { PendingClaim } from '@otherthing/protocol/agent';
import { groupShareKey } from '../identity/index.ts';
import type { AgentStatus } from '../local-api/index.ts';

/** How this agent is called again from the same shell, for commands in hints. */
export type Invocation = { readonly command: string; readonly stateDirOption: string };

const MINUTE = 60_000;

function duration(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE));
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** Names come from other people: nothing in them may move the cursor or hide text. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

export function commandLine(invocation: Invocation, command: string): string {
  return `${invocation.command} ${command}${invocation.stateDirOption}`;
}

/** The share key, large and with what to do with it. */
export function shareKeyBox(shareKey: string, expiresAt: string | null, now: number): string {
  const left = expiresAt === null ? '' : `  (valid for ${duration(Date.parse(expiresAt) - now)})`;
  const line = `Share key   ${groupShareKey(shareKey)}`;
  const bar = '─'.repeat(line.length + 4);
  return [
    `┌${bar}┐`,
    `│  ${line}  │${left}`,
    `└${bar}┘`,
    'Whoever types it into a workspace (Nodes > Add a node) asks for this machine; you accept here.',
  ].join('\n');
}

export function claimText(claim: PendingClaim, invocation: Invocation): string {
  return [
    `${plain(claim.claimed_by)} asks for this machine for the workspace "${plain(claim.workspace_name)}".`,
    `  accept: ${commandLine(invocation, `approve ${claim.claim_id}`)}`,
    `  refuse: ${commandLine(invocation, `reject ${claim.claim_id}`)}`,
  ].join('\n');
}

function connectionLine(status: AgentStatus, now: number): string {
  const { state, since, problem, retryAt } = status.connection;
  const age = `for ${duration(now - Date.parse(since))}`;
  const why = problem ? `\n            ${problem.message}\n            ${problem.hint}` : '';
  switch (state) {
    case 'connected':
      return `connected ${age}`;
    case 'connecting':
      return `connecting${why}`;
    case 'waiting': {
      const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((Date.parse(retryAt) - now) / 1000));
      return `not connected ${age}, next try in ${seconds} s${why}`;
    }
    case 'stopped':
      return `stopped${why}`;
  }
}

const row = (name: string, value: string): string => `${name.padEnd(12)}${value}`;

function workspacesLine(status: AgentStatus): string {
  if (status.workspaces.length > 0)
    return status.workspaces.map((workspace) => `${plain(workspace.name)} (${workspace.id})`).join(', ');
  return status.waitingForAdmin ? 'none yet: an admin of the workspace has to approve this node' : 'none yet';
}

export function executorLines(status: AgentStatus): string[] {
  return status.executors.flatMap((executor) => {
    if (!executor.available)
      return [row('', `no ${executor.kind} jobs: ${executor.reason ?? ''} ${executor.hint ?? ''}`.trimEnd())];
    const how = executor.isolation === 'none' ? 'WITHOUT A SANDBOX' : `in a ${executor.isolation}`;
    return [row('', `${executor.kind} jobs ${executor.isolation === 'script' ? 'in an interpreter' : how}`)];
  });
}

/** `status` for a person. */
export function statusText(status: AgentStatus, invocation: Invocation, now: number): string {
  const used = status.used;
  const lines = [
    row('Node', `${plain(status.name ?? '(no name yet)')}  ${status.nodeId}`),
    row('Fingerprint', status.fingerprint),
    row('Owner', status.owner === null ? 'nobody yet' : plain(status.owner)),
    row(
      'Orchestrator',
      ` ${status.url}${status.orchestratorFingerprint ? `  key ${status.orchestratorFingerprint}` : ''}`,
    ),
    row('Connection', connectionLine(status, now)),
    row('Workspaces', workspacesLine(status)),
    row(
      'Lends',
      `${status.limits.cpuCores} CPU cores (${used.cpuCores} used), ${status.limits.ramPercent} % of the memory (${used.memoryMb} MiB used)`,
    ),
    ...executorLines(status),
    ...(status.refusing === null ? [] : [row('Refuses', status.refusing)]),
    row('Jobs', status.jobs.length === 0 ? 'none' : ''),
    ...status.jobs.map((job) =>
      row('', `${job.state.padEnd(11)}${job.jobId}  ${plain(job.name ?? job.kind)}`),
    ),
    ...(status.unacknowledged === 0
      ? []
      : [row('Results', `${status.unacknowledged} wait for the orchestrator`)]),
  ];
  if (status.shareKey !== null) lines.push('', shareKeyBox(status.shareKey, status.shareKeyExpiresAt, now));
  for (const claim of status.pendingClaims) lines.push('', claimText(claim, invocation));
  return lines.join('\n');
}
