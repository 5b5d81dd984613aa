/**
 * Exponential backoff with full jitter: a random wait between 0 and min(cap, base * 2^attempt).
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(
  attempt: number,
  options: { baseMs: number; capMs: number; random?: () => number },
): number {
  const random = options.random ?? Math.random;
  return Math.floor(random() * Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempt, 30)));
}
