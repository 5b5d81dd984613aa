import { z } from 'zod';

/**
 * Texts that grant something. Each ends in a 6-character checksum, so that a mistyped one is told apart from an
 * unknown one and secret scanners can find them.
 *
 *   join token    otj_<orchestrator key, 43>_<secret, 32>_<checksum, 6>
 *   access token  ot_<secret, 40>_<checksum, 6>
 *   cli session   ots_<secret, 40>_<checksum, 6>
 */
export const JoinTokenText = z
  .string()
  .regex(/^otj_[A-Za-z0-9_-]{43}_[0-9a-z]{32}_[0-9a-z]{6}$/, 'does not look like a join token');
export const AccessTokenText = z
  .string()
  .regex(/^ots?_[0-9a-z]{40}_[0-9a-z]{6}$/, 'does not look like an access token');

/** The orchestrator's public key inside a join token, or `undefined` when the text is not one. */
export function orchestratorKeyOf(joinToken: string): string | undefined {
  return JoinTokenText.safeParse(joinToken).success ? joinToken.slice(4, 47) : undefined;
}
