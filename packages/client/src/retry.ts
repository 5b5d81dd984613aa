/** Resolves after `ms`, or rejects with the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/**
 * How long to wait before try `attempt` (0 is the first repeat): half fixed, half random, doubling up to `capMs`.
 * The orchestrator's own Retry-After wins when it is longer.
 */
export function retryDelayMs(
  attempt: number,
  options: { capMs?: number; retryAfterSeconds?: number | undefined; random?: () => number } = {},
): number {
  const full = Math.min(options.capMs ?? 15_000, 250 * 2 ** Math.min(attempt, 20));
  const jittered = full / 2 + (full / 2) * (options.random ?? Math.random)();
  return Math.max(jittered, (options.retryAfterSeconds ?? 0) * 1000);
}
