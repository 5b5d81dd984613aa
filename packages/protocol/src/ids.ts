import { z } from 'zod';

/**
 * Identifiers: a prefix that names the kind, a dash, and for most a ULID (48 bits of milliseconds, 80 random bits,
 * Crockford base32, lower case), so ids of one kind sort by creation time. A node's id is derived from its public
 * key instead: `node-` and 24 base32 characters (120 bits) of its sha256.
 * Source of the algorithm: https://github.com/ulid/spec
 */
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

export type IdPrefix = 'ws' | 'job' | 'user' | 'tok' | 'jt' | 'claim' | 'sess' | 'orch' | 'outbox';

/** A fresh id, for example `job-01kawz3c9v5x3r0j8n2q4t6w8y`. */
export function newId(prefix: IdPrefix, now = Date.now()): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i += 1) {
    time = CROCKFORD[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let random = '';
  for (const byte of bytes) random += CROCKFORD[byte & 31];
  return `${prefix}-${time}${random}`;
}

/** Lower-case Crockford base32 of the first 120 bits of `bytes` (>= 15 bytes). */
export function base32(bytes: Uint8Array): string {
  let out = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes.subarray(0, 15)) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += CROCKFORD[(buffer >> bits) & 31];
    }
  }
  return out;
}

/**
 * What people compare to be sure of a key: the first 80 bits of its sha256 in four groups, `abcd-efgh-jkmn-pqrs`.
 * The same text on the machine, on the node's page and in `join` for the orchestrator's key. `digest`: sha256 of the
 * raw 32-byte public key.
 */
export function keyFingerprint(digest: Uint8Array): string {
  return base32(digest)
    .slice(0, 16)
    .replace(/(.{4})(?!$)/g, '$1-');
}

const ulid = (prefix: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}-[0-9a-hjkmnp-tv-z]{26}$`),
      `must look like ${prefix}-01kawz3c9v5x3r0j8n2q4t6w8y`,
    );

export const WorkspaceId = ulid('ws').meta({ description: 'Workspace id' });
export const JobId = ulid('job').meta({ description: 'Job id' });
export const UserId = z.string().min(1).max(64).meta({ description: 'User id' });
export const AccessTokenId = ulid('tok');
export const JoinTokenId = ulid('jt');
export const ClaimId = ulid('claim');
export const NodeId = z
  .string()
  .regex(/^node-[0-9a-hjkmnp-tv-z]{24}$/, 'must look like node- and 24 characters')
  .meta({ description: 'Node id, derived from the public key of the node' });
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex characters in lower case');
export const Epoch = z.number().int().min(1).max(2_147_483_647);

/** Share keys avoid 0 O 1 I L, so that they survive being read aloud. */
export const SHARE_KEY_ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
export const ShareKey = z
  .string()
  .transform((key) => key.toUpperCase().replace(/[\s-]/g, ''))
  .pipe(
    z.string().regex(/^[23456789ABCDEFGHJKMNPQRSTUVWXYZ]{8}$/, 'must be 8 characters, without 0 O 1 I L'),
  );
