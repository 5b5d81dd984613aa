/**
 * Who this node is: its Ed25519 key pair, the orchestrator it trusts, and the lock that keeps two agents of one machine
 * from sharing one identity. Everything lives in the state folder (0700), each file 0600 and replaced atomically.
 */

export { forgetNode } from './forget.ts';
export { type Identity, loadOrCreateIdentity, newNonce, verifySignature } from './identity.ts';
export { lockStateDir, type StateLock } from './lock.ts';
export { type MembershipStore, openMembership } from './membership.ts';
export { endpointsOf, type OrchestratorEndpoints } from './orchestrator-url.ts';
export { fingerprintOf } from './public-key.ts';
export { groupShareKey, newShareKey } from './share-key.ts';
