import { randomInt } from 'node:crypto';
import { SHARE_KEY_ALPHABET } from '@otherthing/protocol/ids';

/** A share key to propose; the orchestrator decides which one counts. */
export function newShareKey(): string {
  return Array.from({ length: 8 }, () => SHARE_KEY_ALPHABET[randomInt(SHARE_KEY_ALPHABET.length)]).join('');
}

/** `AB3X 7K9M`: easier to read aloud; the space is ignored where it is typed. */
export function groupShareKey(shareKey: string): string {
  return `${shareKey.slice(0, 4)} ${shareKey.slice(4)}`;
}
