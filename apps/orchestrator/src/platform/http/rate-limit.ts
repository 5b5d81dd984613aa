import { AppError } from '@otherthing/protocol/errors';
import type { Clock } from '@otherthing/runtime';

export type RateLimiter = {
  /** Takes one of the allowance of `key`. Throws `rate_limited` with the seconds to wait when none is left. */
  take(key: string): void;
  /** Gives back everything of `key`, for example after a right password. */
  reset(key: string): void;
};

/** Token buckets kept in memory: `limit` tries at once, refilled evenly over `perMs`; at most 100,000 keys. */
export function createRateLimiter(options: { limit: number; perMs: number; clock: Clock }): RateLimiter {
  const { limit, perMs, clock } = options;
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(key) {
      const now = clock.now();
      const known = buckets.get(key);
      const tokens = known
        ? Math.min(limit, known.tokens + (Math.max(0, now - known.at) / perMs) * limit)
        : limit;
      if (tokens < 1) {
        const seconds = Math.ceil(((1 - tokens) / limit) * (perMs / 1000));
        throw new AppError('rate_limited', {
          retryAfterSeconds: seconds,
          hint: `Wait ${seconds} s and try again.`,
        });
      }
      buckets.delete(key);
      buckets.set(key, { tokens: tokens - 1, at: now });
      if (buckets.size > 100_000) buckets.delete(buckets.keys().next().value as string);
    },
    reset(key) {
      buckets.delete(key);
    },
  };
}
