/** Secrets at rest (`seal`/`open` under a versioned master key), the orchestrator's own identity, and token texts. */
export { createIdentity, type OrchestratorIdentity } from './identity.ts';
export { createKeyring, type Keyring } from './keyring.ts';
export { checksum, hasChecksum, hashToken, randomText, shareKey } from './token-text.ts';
