import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '@otherthing/protocol/errors';
import { z } from 'zod';
import { readTextIfThere, writeDurably } from '../disk/index.ts';
import { fingerprintOf, nodeIdOf } from './public-key.ts';

/** The node's key pair. The private half never leaves this object. */
export type Identity = {
  readonly nodeId: string;
  /** base64url of the raw 32 bytes, as on the wire. */
  readonly publicKey: string;
  readonly fingerprint: string;
  sign(text: string): string;
};

const IdentityFile = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  d: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

export const IDENTITY_FILE = 'identity.json';

/** The identity of a state folder, made at first use. A damaged file is an error: a new key would be another node. */
export async function loadOrCreateIdentity(stateDir: string): Promise<Identity> {
  const path = join(stateDir, IDENTITY_FILE);
  const text = await readTextIfThere(path);
  if (text !== undefined) return parseIdentity(text, path);
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  await writeDurably(path, `${JSON.stringify({ kty: jwk.kty, crv: jwk.crv, x: jwk.x, d: jwk.d })}\n`);
  return identityOf(privateKey);
}

function parseIdentity(text: string, path: string): Identity {
  try {
    const jwk = IdentityFile.parse(JSON.parse(text));
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    const identity = identityOf(privateKey);
    if (identity.publicKey !== jwk.x) throw new Error('the two halves of the key do not belong together');
    return identity;
  } catch (error) {
    throw new AppError('internal', {
      message: `The identity of this node cannot be read: ${path} is damaged.`,
      hint: 'Restore the file from a backup, or run `otherthing-agent leave` and join again as a new node.',
      cause: error,
    });
  }
}

function identityOf(privateKey: KeyObject): Identity {
  const publicKey = createPublicKey(privateKey).export({ format: 'jwk' }).x;
  if (!publicKey) throw new Error('an Ed25519 key without a public half');
  return {
    nodeId: nodeIdOf(publicKey),
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'),
  };
}

/** True when `signature` over `text` was made by the holder of `publicKey`. Never throws on foreign input. */
export function verifySignature(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  } catch {
    // Bytes that are no key at all verify nothing.
    return false;
  }
}

/** 32 random bytes as base64url, for challenges. */
export function newNonce(): string {
  return randomBytes(32).toString('base64url');
}
