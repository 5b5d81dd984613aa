import { createHash, randomInt } from 'node:crypto';
import { SHARE_KEY_ALPHABET } from '@otherthing/protocol/ids';

const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';

/** `length` random characters of a-z and 0-9 (5.17 bits each). */
export function randomText(length: number): string {
  let text = '';
  for (let i = 0; i < length; i += 1) text += BASE36[randomInt(36)];
  return text;
}

/** Six characters that tell a mistyped token from an unknown one. Not a secret. */
export function checksum(body: string): string {
  const number = createHash('sha256').update(body).digest().readUIntBE(0, 4);
  return number.toString(36).padStart(7, '0').slice(-6);
}

/** Whether the last six characters after `_` fit the rest. */
export function hasChecksum(token: string): boolean {
  const at = token.lastIndexOf('_');
  return at > 0 && checksum(token.slice(0, at)) === token.slice(at + 1);
}

/** What is stored of a token: its sha256. Tokens are random, so no salt or stretching is needed. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** A fresh share key, 8 characters without 0 O 1 I L (39 bits; guarded by limits on claims). */
export function shareKey(): string {
  let key = '';
  for (let i = 0; i < 8; i += 1) key += SHARE_KEY_ALPHABET[randomInt(SHARE_KEY_ALPHABET.length)];
  return key;
}
