/**
 * The agent link: every message between an agent and its orchestrator, as JSON text frames on `/ws/node`; output
 * travels in binary frames (../output.ts). `AgentMessage` is what an agent sends, `OrchestratorMessage` what it gets.
 * Field names are those of the wire: snake_case, except `resource_limits`, which is fixed in camelCase.
 */
import { z } from 'zod';
import { ERROR_CODES } from '../errors.ts';
import { Challenge, Register, Registered } from './handshake.ts';
import {
  Assign,
  Cancel,
  Desired,
  Outcomes,
  OutcomesAck,
  OutputAck,
  OutputOpen,
  Reconcile,
  Refused,
  Started,
} from './jobs.ts';
import {
  ClaimAnswer,
  Claims,
  Heartbeat,
  HeartbeatAck,
  IpfsReady,
  LeaveWorkspace,
  NodeChanged,
  RotateShareKey,
  ShareKeyChanged,
  WorkspaceJoined,
  WorkspaceLeft,
} from './membership.ts';

/** Orchestrator -> agent: something the agent sent was not understood or not allowed; the socket may close after it. */
export const LinkError = z.object({
  type: z.literal('error'),
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string(),
});

export const AgentMessage = z.discriminatedUnion('type', [
  Register,
  Heartbeat,
  Reconcile,
  Started,
  Refused,
  Outcomes,
  OutputOpen,
  ClaimAnswer,
  RotateShareKey,
  LeaveWorkspace,
  NodeChanged,
  IpfsReady,
]);
export type AgentMessage = z.infer<typeof AgentMessage>;

export const OrchestratorMessage = z.discriminatedUnion('type', [
  Challenge,
  Registered,
  WorkspaceJoined,
  WorkspaceLeft,
  Claims,
  ShareKeyChanged,
  HeartbeatAck,
  Assign,
  Cancel,
  Desired,
  OutcomesAck,
  OutputAck,
  LinkError,
]);
export type OrchestratorMessage = z.infer<typeof OrchestratorMessage>;

/** The largest text frame either side accepts; larger ones close the socket with `message_too_big`. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

export {
  Capabilities,
  Challenge,
  ExecutorCapability,
  Gpu,
  PendingClaim,
  Register,
  Registered,
  ResourceLimits,
  registeredText,
  registerText,
} from './handshake.ts';
export { Assignment, AttemptRef, Outcome, TransferClaims, Verdict } from './jobs.ts';
export { WorkspaceJoined } from './membership.ts';
