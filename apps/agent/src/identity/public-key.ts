import { createHash } from 'node:crypto';
import { base32, keyFingerprint } from '@otherthing/protocol/ids';

const digestOf = (publicKey: string): Buffer =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest();

/** `abcd-efgh-jkmn-pqrs`: what people compare. `publicKey` is base64url of the raw 32 bytes. */
export function fingerprintOf(publicKey: string): string {
  return keyFingerprint(digestOf(publicKey));
}

export function nodeIdOf(publicKey: string): string {
  return `node-${base32(digestOf(publicKey))}`;
}
