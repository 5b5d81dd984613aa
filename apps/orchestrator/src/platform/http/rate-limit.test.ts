import assert from 'node:assert/strict';
import test from 'node:test';
import { AppError } from '@otherthing/protocol/errors';
import { MINUTE, manualClock, SECOND } from '@otherthing/runtime';
import { createRateLimiter } from './rate-limit.ts';

const refused = (run: () => void): AppError => {
  try {
    run();
  } catch (error) {
    assert(error instanceof AppError);
    assert.equal(error.code, 'rate_limited');
    return error;
  }
  return assert.fail('was not refused');
};

test('allows the limit at once, then says how long to wait', () => {
  const limiter = createRateLimiter({ limit: 3, perMs: MINUTE, clock: manualClock() });
  for (let i = 0; i < 3; i += 1) limiter.take('a');
  assert.equal(refused(() => limiter.take('a')).retryAfterSeconds, 20);
  limiter.take('b');
});

test('refills evenly and never above the limit', () => {
  const clock = manualClock();
  const limiter = createRateLimiter({ limit: 2, perMs: MINUTE, clock });
  limiter.take('a');
  limiter.take('a');
  clock.advance(29 * SECOND);
  assert.equal(refused(() => limiter.take('a')).retryAfterSeconds, 1);
  clock.advance(SECOND);
  limiter.take('a');
  clock.advance(10 * MINUTE);
  limiter.take('a');
  limiter.take('a');
  refused(() => limiter.take('a'));
});

test('a refused try costs nothing', () => {
  const clock = manualClock();
  const limiter = createRateLimiter({ limit: 1, perMs: MINUTE, clock });
  limiter.take('a');
  for (let i = 0; i < 50; i += 1) refused(() => limiter.take('a'));
  clock.advance(MINUTE);
  limiter.take('a');
});

test('reset gives everything back', () => {
  const limiter = createRateLimiter({ limit: 1, perMs: MINUTE, clock: manualClock() });
  limiter.take('a');
  limiter.reset('a');
  limiter.take('a');
});

test('a clock set back takes nothing away', () => {
  let now = 1_000_000;
  const clock = { ...manualClock(), now: () => now };
  const limiter = createRateLimiter({ limit: 2, perMs: MINUTE, clock });
  limiter.take('a');
  now -= 10 * MINUTE;
  limiter.take('a');
});
