import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { Keyring } from './keyring.ts';

/** The key by which agents know their orchestrator: Ed25519, derived from the master key, so that all replicas share it. */
export type OrchestratorIdentity = {
  /** Raw public key, base64url. */
  readonly publicKey: string;
  sign(text: string): string;
};

/** PKCS#8 wrapping of a raw Ed25519 seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export function createIdentity(keyring: Keyring): OrchestratorIdentity {
  const seed = Buffer.from(keyring.sign('orchestrator identity', 'identity'), 'base64url');
  const privateKey: KeyObject = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    publicKey: String(jwk.x),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  };
}
