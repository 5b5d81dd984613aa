import {
  type Capabilities,
  type Challenge,
  type Register,
  type Registered,
  type ResourceLimits,
  registeredText,
  registerText,
} from '@otherthing/protocol/agent';
import { AppError } from '@otherthing/protocol/errors';
import { orchestratorKeyOf } from '@otherthing/protocol/tokens';
import { AGENT_PROTOCOL_VERSION } from '@otherthing/protocol/version';
import { fingerprintOf, type Identity, newNonce, verifySignature } from '../identity/index.ts';

/** What this node says of itself when it registers. */
export type Introduction = {
  readonly shareKey: string;
  readonly capabilities: Capabilities;
  readonly limits: ResourceLimits;
  readonly remoteControl: boolean;
  readonly workspaceIds: readonly string[];
  readonly joinToken?: string | undefined;
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
};

/** A connection attempt that must not go on; `final`: trying again cannot help. */
export class HandshakeError extends Error {
  readonly error: AppError;
  readonly final: boolean;

  constructor(error: AppError, options: { final: boolean }) {
    super(error.message, { cause: error });
    this.name = 'HandshakeError';
    this.error = error;
    this.final = options.final;
  }
}

function fail(message: string, hint: string): HandshakeError {
  return new HandshakeError(new AppError('signature_invalid', { message, hint }), { final: false });
}

/** The key this node expects: the pinned one, else that of the join token; undefined on first use. */
export function expectedKey(pinned: string | undefined, joinToken: string | undefined): string | undefined {
  const tokenKey = joinToken === undefined ? undefined : orchestratorKeyOf(joinToken);
  if (pinned !== undefined && tokenKey !== undefined && pinned !== tokenKey)
    throw fail(
      `The join token belongs to the orchestrator with the key ${fingerprintOf(tokenKey)}, but this node joined the one with ${fingerprintOf(pinned)}.`,
      'Run `otherthing-agent leave` first if the node shall move to the other orchestrator.',
    );
  return pinned ?? tokenKey;
}

/** Checks a challenge against what this node trusts and speaks. Throws a `HandshakeError`. */
export function checkChallenge(challenge: Challenge, expected: string | undefined): void {
  if (expected !== undefined && challenge.orchestrator_key !== expected)
    throw fail(
      `The orchestrator at this address has the key ${fingerprintOf(challenge.orchestrator_key)}, but this node trusts ${fingerprintOf(expected)}. Nothing was sent to it.`,
      'If the orchestrator was set up anew, run `otherthing-agent leave` and join again. If not, somebody may be in between.',
    );
  const { oldest, newest } = challenge.protocol;
  if (AGENT_PROTOCOL_VERSION < oldest || AGENT_PROTOCOL_VERSION > newest)
    throw new HandshakeError(
      new AppError('version_unsupported', {
        message: `This agent speaks protocol version ${AGENT_PROTOCOL_VERSION}, the orchestrator ${oldest} to ${newest}.`,
      }),
      { final: true },
    );
}

/** The signed answer to a challenge. */
export function answerChallenge(
  identity: Identity,
  challenge: Challenge,
  introduction: Introduction,
): { register: Register; agentNonce: string } {
  const agentNonce = newNonce();
  const signature = identity.sign(
    registerText({
      nonce: challenge.nonce,
      orchestratorKey: challenge.orchestrator_key,
      version: AGENT_PROTOCOL_VERSION,
      publicKey: identity.publicKey,
    }),
  );
  const register: Register = {
    type: 'register',
    share_key: introduction.shareKey,
    capabilities: introduction.capabilities,
    workspace_ids: [...introduction.workspaceIds],
    resource_limits: introduction.limits,
    remote_control_enabled: introduction.remoteControl,
    protocol_version: AGENT_PROTOCOL_VERSION,
    public_key: identity.publicKey,
    signature,
    agent_nonce: agentNonce,
    ...(introduction.joinToken === undefined ? {} : { join_token: introduction.joinToken }),
    ...(introduction.name === undefined ? {} : { name: introduction.name }),
    ...(introduction.labels === undefined ? {} : { labels: { ...introduction.labels } }),
  };
  return { register, agentNonce };
}

/** Believes a `registered` only when the holder of the challenged key signed it for this very handshake. */
export function checkRegistered(
  identity: Identity,
  registered: Registered,
  sent: { agentNonce: string; orchestratorKey: string },
): void {
  const text = registeredText({
    agentNonce: sent.agentNonce,
    nodeId: identity.nodeId,
    publicKey: identity.publicKey,
    orchestratorKey: sent.orchestratorKey,
  });
  if (
    registered.node_id === identity.nodeId &&
    verifySignature(sent.orchestratorKey, text, registered.signature)
  )
    return;
  throw fail(
    'The orchestrator could not prove that it holds its key. Nothing it said is believed.',
    'Somebody may be between this machine and the orchestrator. The agent tries again by itself.',
  );
}
