import { TransferClaims } from '@otherthing/protocol/agent';
import { AppError } from '@otherthing/protocol/errors';
import type { Clock } from '@otherthing/runtime';
import type { Keyring } from '../platform/crypto/index.ts';

const PURPOSE = 'transfer';
/** Longer ones are not looked at. */
const MAX_LENGTH = 2048;

export type TransferTokens = ReturnType<typeof createTransferTokens>;

/**
 * Tokens by which the agent of one attempt moves its files: claims and their signature, no table.
 *
 *   base64url(JSON of the claims) . base64url(HMAC-SHA256)
 */
export function createTransferTokens({
  keyring,
  clock,
}: {
  keyring: Pick<Keyring, 'sign' | 'verify'>;
  clock: Clock;
}) {
  return {
    issueTransferToken(claims: TransferClaims): string {
      const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
      return `${body}.${keyring.sign(body, PURPOSE)}`;
    },

    /** Throws `unauthorized`, the same for forged, malformed and expired ones. */
    transfer(token: string): TransferClaims {
      const at = token.indexOf('.');
      const body = token.slice(0, at);
      const signature = token.slice(at + 1);
      const genuine =
        token.length <= MAX_LENGTH && at > 0 && keyring.verify(body, { purpose: PURPOSE, signature });
      const claims = genuine
        ? TransferClaims.parse(JSON.parse(Buffer.from(body, 'base64url').toString()))
        : null;
      if (!claims || claims.expiresAt <= clock.now()) {
        throw new AppError('unauthorized', {
          message: 'The transfer token is not valid.',
          hint: 'The agent gets a new one by itself as long as the attempt is its own.',
        });
      }
      return claims;
    },
  };
}
