import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, counted, duration, exactTime, mebibytes, quantity, relativeTime } from './format.ts';

const now = Date.UTC(2026, 10, 24, 9, 51, 31);

test('relative times name one unit and the direction', () => {
  assert.equal(relativeTime(now - 1000, now), 'just now');
  assert.equal(relativeTime(now - 12_000, now), '12 s ago');
  assert.equal(relativeTime(now - 90_000, now), '1 min ago');
  assert.equal(relativeTime(now - 3 * 3_600_000, now), '3 h ago');
  assert.equal(relativeTime(now + 2 * 86_400_000 + 1, now), 'in 2 d');
  assert.match(relativeTime(now - 30 * 86_400_000, now), /2026/);
});

test('exact times carry the zone', () => {
  assert.equal(exactTime(now, { timeZone: 'UTC' }), '24 Nov 2026, 09:51:31 UTC');
});

test('durations read as 1 m 32 s', () => {
  assert.deepEqual(
    [0, 320, 4210, 59_900, 92_000, 3_600_000 + 300_000, 2 * 86_400_000 + 4 * 3_600_000].map(duration),
    ['0 ms', '320 ms', '4.2 s', '59 s', '1 m 32 s', '1 h 05 m', '2 d 4 h'],
  );
});

test('sizes are in powers of 1024 with at most one decimal', () => {
  assert.deepEqual([0, 512, 1536, 16 * 1024 ** 3, 1.25 * 1024 ** 2].map(bytes), [
    '0 B',
    '512 B',
    '1.5 KiB',
    '16 GiB',
    '1.3 MiB',
  ]);
  assert.equal(mebibytes(24 * 1024), '24 GiB');
});

test('counts take the plural where needed', () => {
  assert.equal(counted(1, 'node'), '1 node');
  assert.equal(counted(1200, 'node'), '1,200 nodes');
  assert.equal(quantity(0.5), '0.5');
});
